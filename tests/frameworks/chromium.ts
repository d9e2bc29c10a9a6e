/**
 * A headless Chromium driven over the DevTools protocol: open a page, run a script in it, take a
 * picture. `CHROMIUM` names the program where it is not `chromium` on PATH.
 */

import { Buffer } from "node:buffer";
import { until, within } from "../blackbox/deadline.ts";

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-dev-shm-usage",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--hide-scrollbars",
  "--remote-debugging-port=0",
];

/** Path of Chromium, or undefined where there is none. */
export function findChromium(): string | undefined {
  const named = Deno.env.get("CHROMIUM");
  if (named !== undefined) return named;
  for (const folder of (Deno.env.get("PATH") ?? "").split(":")) {
    for (const name of ["chromium", "chromium-browser", "google-chrome"]) {
      try {
        if (Deno.statSync(`${folder}/${name}`).isFile) return `${folder}/${name}`;
      } catch {
        // Not in this folder.
      }
    }
  }
  return undefined;
}

/** One browser with one page. */
export class Chromium implements AsyncDisposable {
  #child: Deno.ChildProcess;
  #profile: string;
  #socket: WebSocket;
  #next = 1;
  #waiting = new Map<number, PromiseWithResolvers<Record<string, unknown>>>();
  #loaded: PromiseWithResolvers<void> | undefined;

  private constructor(child: Deno.ChildProcess, profile: string, socket: WebSocket) {
    this.#child = child;
    this.#profile = profile;
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#receive(JSON.parse(data));
  }

  /** Starts the browser with an empty profile. */
  static async start(program: string, width = 1000, height = 700): Promise<Chromium> {
    const profile = Deno.makeTempDirSync({ prefix: "wsgi-express-chromium-" });
    const child = new Deno.Command(program, {
      args: [
        ...FLAGS,
        `--window-size=${width},${height}`,
        `--user-data-dir=${profile}`,
        "about:blank",
      ],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    try {
      const port = await until(
        () => {
          try {
            return Deno.readTextFileSync(`${profile}/DevToolsActivePort`).split("\n")[0];
          } catch {
            return undefined;
          }
        },
        "DevTools port of Chromium",
        30_000,
      );
      const page = await until(async () => {
        const response = await fetch(`http://127.0.0.1:${port}/json/list`);
        const targets: { type: string; webSocketDebuggerUrl: string }[] = await response.json();
        return targets.find(({ type }) => type === "page");
      }, "page of Chromium");
      const socket = new WebSocket(page.webSocketDebuggerUrl);
      await within(
        new Promise<void>((resolve, reject) => {
          socket.onopen = () => resolve();
          socket.onerror = () => reject(new Error("no connection to Chromium"));
        }),
        15_000,
        "connection to Chromium",
      );
      const browser = new Chromium(child, profile, socket);
      await browser.#call("Page.enable");
      return browser;
    } catch (error) {
      child.kill("SIGKILL");
      await child.status;
      throw error;
    }
  }

  /** Opens a page and waits until it is loaded. */
  async open(url: string): Promise<void> {
    await this.#whileLoading(() => this.#call("Page.navigate", { url }));
  }

  /** Runs an expression in the page and gives its value. */
  async evaluate(expression: string): Promise<unknown> {
    const { result, exceptionDetails } = await this.#call("Runtime.evaluate", {
      expression,
      returnByValue: true,
    }) as { result: { value: unknown }; exceptionDetails?: unknown };
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
    return result.value;
  }

  /** Runs an expression that makes the page go to another, and waits for that one. */
  async follow(expression: string): Promise<void> {
    await this.#whileLoading(() => this.evaluate(expression));
  }

  /** A picture of the page, as PNG. */
  async screenshot(): Promise<Uint8Array> {
    const { data } = await this.#call("Page.captureScreenshot", { format: "png" });
    return new Uint8Array(Buffer.from(data as string, "base64"));
  }

  async #whileLoading(action: () => Promise<unknown>): Promise<void> {
    const loaded = this.#loaded = Promise.withResolvers<void>();
    await action();
    await within(loaded.promise, 20_000, "loaded page");
  }

  #call(method: string, params: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    const id = this.#next++;
    const waiting = Promise.withResolvers<Record<string, unknown>>();
    this.#waiting.set(id, waiting);
    this.#socket.send(JSON.stringify({ id, method, params }));
    return within(waiting.promise, 20_000, `answer of Chromium to ${method}`);
  }

  #receive(
    message: {
      id?: number;
      method?: string;
      result?: Record<string, unknown>;
      error?: { message: string };
    },
  ): void {
    if (message.method === "Page.loadEventFired") this.#loaded?.resolve();
    if (message.id === undefined) return;
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.error !== undefined) waiting?.reject(new Error(message.error.message));
    else waiting?.resolve(message.result ?? {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#socket.onclose = resolve);
    this.#socket.close();
    await closed;
    this.#child.kill("SIGTERM");
    await this.#child.status;
    // Its helpers may still write for a moment.
    await until(() => {
      try {
        Deno.removeSync(this.#profile, { recursive: true });
        return true;
      } catch {
        return false;
      }
    }, "removal of the browser's profile");
  }
}
