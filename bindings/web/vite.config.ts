import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig, type Plugin } from "vite";
import { VitePWA } from "vite-plugin-pwa";
import { faults } from "./app/tools/words.js";

/** Stops a build whose message catalogues disagree. */
function words(): Plugin {
  return {
    name: "samla-words",
    apply: "build",
    buildStart() {
      const found = faults();
      if (found.length > 0) this.error(found.join("\n"));
    },
  };
}

export default defineConfig({
  root: "app",
  publicDir: "public",
  build: {
    outDir: "../dist",
    emptyOutDir: true,
    target: "es2022",
    // Nothing inline: the content security policy allows files of this origin only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  worker: { format: "es" },
  plugins: [
    words(),
    svelte({ configFile: false }),
    VitePWA({
      registerType: "prompt",
      injectRegister: false,
      // The icons are for installing; the app itself shows none.
      includeManifestIcons: false,
      workbox: {
        globPatterns: ["**/*.{js,css,html,wasm}"],
        maximumFileSizeToCacheInBytes: 8 * 1024 * 1024,
        navigateFallback: "index.html",
        navigateFallbackDenylist: [/^\/v1\//],
        // The first load takes charge at once, so that the app works offline from then on.
        clientsClaim: true,
        cleanupOutdatedCaches: true,
        sourcemap: false,
      },
      manifest: {
        id: "/",
        name: "Samla",
        short_name: "Samla",
        start_url: "/",
        scope: "/",
        display: "standalone",
        background_color: "#f4f7f7",
        theme_color: "#0b5563",
        icons: [
          { src: "icon.svg", sizes: "any", type: "image/svg+xml" },
          { src: "icon-192.png", sizes: "192x192", type: "image/png" },
          { src: "icon-512.png", sizes: "512x512", type: "image/png" },
          { src: "icon-maskable-512.png", sizes: "512x512", type: "image/png", purpose: "maskable" },
        ],
      },
    }),
  ],
});
