/**
 * The container image as a user starts it: `WSGI_EXPRESS_IMAGE` names the image, `WSGI_EXPRESS_ENGINE` the program that runs
 * it. `run.sh` builds it and sets both.
 */
import assert from "node:assert/strict";
import { VERSION } from "../../core/version.ts";
import { Folder } from "../blackbox/folder.ts";

const IMAGE = Deno.env.get("WSGI_EXPRESS_IMAGE") ?? "";
const ENGINE = Deno.env.get("WSGI_EXPRESS_ENGINE") || "docker";
const DEADLINE_MS = 60_000;

const APPLICATION = `import os, time
def application(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/error":
        raise RuntimeError("wanted")
    if path == "/slow":
        print("slow has begun")
        time.sleep(2)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"%d" % os.getuid()]
`;

interface Result {
  readonly code: number;
  /** Standard output and standard error. */
  readonly text: string;
}

async function engine(...args: string[]): Promise<Result> {
  const { code, stdout, stderr } = await new Deno.Command(ENGINE, { args, stdin: "null" }).output();
  const decoder = new TextDecoder();
  return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
}

/** What the engine prints. */
async function ask(...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(ENGINE, { args, stdin: "null" })
    .output();
  assert.ok(success, `${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout).trim();
}

/** A container that serves {@linkcode APPLICATION} and can write to /tmp alone. */
class Container {
  readonly #folder = new Folder();
  #name = "";

  async start(): Promise<void> {
    this.#folder.write("app.wsgi", APPLICATION);
    // The container's user is none of this machine's.
    Deno.chmodSync(this.#folder.path, 0o755);
    this.#name = await ask(
      ...["run", "--detach", "--read-only", "--tmpfs", "/tmp", "--publish", "127.0.0.1::8000"],
      ...["--volume", `${this.#folder.path}:/app:ro`, IMAGE, "/app/app.wsgi"],
    );
    await this.logged(/^ready in/m);
  }

  async request(path: string): Promise<Response> {
    const address = (await ask("port", this.#name, "8000/tcp")).split("\n")[0]!;
    return await fetch(`http://${address}${path}`, { signal: AbortSignal.timeout(DEADLINE_MS) });
  }

  /** Waits until the log has something. */
  async logged(pattern: RegExp, times = 1): Promise<string> {
    const end = Date.now() + DEADLINE_MS;
    for (;;) {
      const { text } = await engine("logs", this.#name);
      if (text.split(pattern).length > times) return text;
      assert.ok(Date.now() < end, `not in the log: ${pattern}\n${text}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** Does to it what `args` say: `["stop", "-t", "30"]`. */
  async do(...args: string[]): Promise<void> {
    await ask(...args, this.#name);
  }

  async inspect(format: string): Promise<string> {
    return await ask("inspect", "--format", format, this.#name);
  }

  /** Exit status of the health check of the image. */
  async health(): Promise<number> {
    const [kind, ...words]: string[] = JSON.parse(
      await ask("image", "inspect", "--format", "{{json .Config.Healthcheck.Test}}", IMAGE),
    );
    assert.equal(kind, "CMD");
    return (await engine("exec", this.#name, ...words)).code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await engine("rm", "--force", this.#name);
    this.#folder[Symbol.dispose]();
  }
}

function testImage(name: string, test: (container: Container) => Promise<void>): void {
  Deno.test({
    name: `image: ${name}`,
    ignore: IMAGE === "",
    async fn() {
      await using container = new Container();
      await container.start();
      await test(container);
    },
  });
}

if (IMAGE === "") console.error("NOT TESTED: the container image; tests/container/run.sh does it");

testImage("an ordinary user serves, and errors are on the terminal", async (container) => {
  const response = await container.request("/");
  assert.equal(await response.text(), "10001");
  const failed = await container.request("/error");
  assert.equal(failed.status, 500);
  await failed.body?.cancel();
  assert.match(await container.logged(/RuntimeError/), /\[wsgi:error\].* RuntimeError: wanted/);
  const { text } = await engine("run", "--rm", "--entrypoint", "wsgi-express", IMAGE, "--version");
  assert.match(text, new RegExp(`^wsgi-express ${VERSION}$`, "m"));
});

testImage("a stop lets running requests finish", async (container) => {
  const response = container.request("/slow");
  await container.logged(/slow has begun/);
  await container.do("stop", "-t", "30");
  assert.equal(await (await response).text(), "10001");
  assert.equal(await container.inspect("{{.State.ExitCode}}"), "0");
});

testImage("a container that was killed starts again", async (container) => {
  await container.do("kill");
  await container.do("start");
  await container.logged(/^ready in/m, 2);
  assert.equal(await (await container.request("/")).text(), "10001");
});

testImage(
  "it is healthy while all threads are busy, and not while it stands still",
  async (container) => {
    assert.equal(await container.health(), 0);
    const responses = Array.from({ length: 7 }, () => container.request("/slow"));
    await container.logged(/slow has begun/, 5);
    assert.equal(await container.health(), 0);
    for (const response of await Promise.all(responses)) await response.body?.cancel();
    const pid = Number(await container.inspect("{{.State.Pid}}"));
    // On a machine of its own, as Docker Desktop has one, the process can't be reached.
    if (Deno.uid() !== 0) return;
    Deno.kill(pid, "SIGSTOP");
    try {
      assert.equal(await container.health(), 1);
    } finally {
      Deno.kill(pid, "SIGCONT");
    }
  },
);
