// A field to play a story in: the real server with the built app, and browsers with profiles of their own, each of which
// can be killed, cut off from the network, and opened again.

import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readlink, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium, type BrowserContext, type Page } from "playwright-core";

const web = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
/** The built app. */
export const DIST = process.env.SAMLA_WEB_DIST ?? join(web, "dist");
const CHROMIUM = process.env.SAMLA_CHROMIUM ?? "/usr/bin/chromium";

/** A phone, as the pictures and measures of the app are made for. */
export const PHONE = { width: 390, height: 844 };

/** The server's executable: given, or the newest of this workspace. */
function serverFile(): string {
  const given = process.env.SAMLA_SERVER;
  const found = given ? [given] : ["release", "debug"].map((kind) => join(web, "../../target", kind, "samla-server"));
  const file = found.find((one) => existsSync(one));
  if (!file) throw new Error(`no samla-server: build it with \`cargo build -p samla-server\` (looked at ${found.join(", ")})`);
  return file;
}

async function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const probe = createServer();
    probe.once("error", failed);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => (address && typeof address === "object" ? done(address.port) : failed(new Error("no port"))));
    });
  });
}

export class Server {
  readonly url: string;
  readonly folder: string;
  #port: number;
  #process: ChildProcess | null = null;
  #said = "";

  readonly #web: string;

  private constructor(folder: string, port: number, web: string) {
    this.#web = web;
    this.folder = folder;
    this.#port = port;
    // `localhost` counts as secure, so that storage, locks and the service worker are there.
    this.url = `http://localhost:${port}`;
  }

  /** Starts a server with an empty log and the app, or another build of it. */
  static async start(web = DIST): Promise<Server> {
    if (!existsSync(join(DIST, "index.html"))) throw new Error(`the app is not built: \`npm run build\` (looked in ${DIST})`);
    const server = new Server(await mkdtemp(join(tmpdir(), "samla-server-")), await freePort(), web);
    await server.up();
    return server;
  }

  /** Starts, or starts again with what it stored. */
  async up(): Promise<void> {
    const child = spawn(serverFile(), ["--listen", `127.0.0.1:${this.#port}`, "--data", this.folder, "--web", this.#web], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#process = child;
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (bytes: Buffer) => (this.#said += bytes.toString()));
    for (let tries = 0; tries < 100; tries += 1) {
      if (child.exitCode !== null) break;
      if (await fetch(`${this.url}/`).then((answer) => answer.ok, () => false)) return;
      await pause(100);
    }
    throw new Error(`the server did not start:\n${this.#said}`);
  }

  /** Out of reach, as in a cellar. */
  async down(): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (!child || child.exitCode !== null) return;
    const gone = new Promise((done) => child.once("exit", done));
    child.kill("SIGKILL");
    await gone;
  }

  /** A backup of all that is stored, and the way to put it back. The server must be down for both. */
  async backup(): Promise<() => Promise<void>> {
    const kept = await mkdtemp(join(tmpdir(), "samla-backup-"));
    await cp(this.folder, kept, { recursive: true });
    return async () => {
      await rm(this.folder, { recursive: true, force: true });
      await cp(kept, this.folder, { recursive: true });
      await rm(kept, { recursive: true, force: true });
    };
  }

  async end(): Promise<void> {
    await this.down();
    await rm(this.folder, { recursive: true, force: true });
  }
}

export interface ProfileOptions {
  /** The reader's own default size of text in pixels, as set in the browser. */
  text?: number;
  viewport?: { width: number; height: number };
  language?: string;
  /** The time zone of the phone's clock. */
  zone?: string;
}

/** One browser profile: a person's phone. */
export class Profile {
  readonly folder: string;
  context!: BrowserContext;
  page!: Page;
  /** Every address that was asked for. */
  readonly asked: string[] = [];
  /** Everything the pages complained about: uncaught errors and refusals by the content security policy. */
  readonly complaints: string[] = [];
  #options: ProfileOptions;

  private constructor(folder: string, options: ProfileOptions) {
    this.folder = folder;
    this.#options = options;
  }

  static async open(options: ProfileOptions = {}): Promise<Profile> {
    const profile = new Profile(await mkdtemp(join(tmpdir(), "samla-profile-")), options);
    if (options.text) {
      await mkdir(join(profile.folder, "Default"), { recursive: true });
      const preferences = { webkit: { webprefs: { default_font_size: options.text } } };
      await writeFile(join(profile.folder, "Default", "Preferences"), JSON.stringify(preferences));
    }
    await profile.launch();
    return profile;
  }

  /** Another phone with all that this one holds, as a backup of the whole phone makes one. Both are closed. */
  async copy(): Promise<Profile> {
    const twin = new Profile(await mkdtemp(join(tmpdir(), "samla-profile-")), this.#options);
    await cp(this.folder, twin.folder, { recursive: true, filter: (path) => !path.includes("Singleton") });
    return twin;
  }

  async launch(): Promise<void> {
    this.context = await chromium.launchPersistentContext(this.folder, {
      executablePath: CHROMIUM,
      headless: true,
      viewport: this.#options.viewport ?? PHONE,
      locale: this.#options.language ?? "en-GB",
      timezoneId: this.#options.zone,
      hasTouch: true,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    });
    this.context.on("request", (request) => this.asked.push(request.url()));
    this.context.on("weberror", (error) => this.complaints.push(String(error.error())));
    this.context.on("console", (message) => {
      if (/Content.Security.Policy|Refused to/i.test(message.text())) this.complaints.push(message.text());
    });
    this.page = this.context.pages()[0] ?? (await this.context.newPage());
    this.page.setDefaultTimeout(20_000);
  }

  /** The battery is flat: the browser ends at once, with nothing told to the page. */
  async kill(): Promise<void> {
    // Chromium names its process in the profile's lock: `host-123`.
    const lock = await readlink(join(this.folder, "SingletonLock"));
    const gone = new Promise((done) => this.context.once("close", done));
    process.kill(Number(lock.split("-").at(-1)), "SIGKILL");
    await gone;
  }

  async close(): Promise<void> {
    await this.context.close().catch(() => undefined);
  }

  async end(): Promise<void> {
    await this.close();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((done) => setTimeout(done, milliseconds));
}
