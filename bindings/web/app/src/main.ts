// Where the page begins: words, theme, the new-version watch, then the Worker and the screens.

import { mount } from "svelte";
import App from "./App.svelte";
import "./look/base.css";
import { look } from "./look/theme.svelte";
import { takeInvitation } from "./route.svelte";
import { app } from "./state.svelte";
import { version } from "./version.svelte";
import { words } from "./words/words.svelte";

app.invitation = takeInvitation();
look.begin();
await words.load();
version.begin();
app.begin();
mount(App, { target: document.getElementById("app") ?? document.body });
