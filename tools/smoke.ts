/**
 * Serves an example with a program, asks for a page and stops it: `deno run -A tools/smoke.ts PROGRAM [OPTION …]`
 * with options of `start-server`.
 *
 * For systems where the black-box tests don't run. On Windows the program is ended by force, as no signal can be sent.
 *
 * @module
 */
import { fileURLToPath } from "node:url";

const DEADLINE_MS = 60_000;
const [program, ...options] = Deno.args;
if (program === undefined) throw new Error("usage: tools/smoke.ts PROGRAM [OPTION …]");

const child = new Deno.Command(program, {
  args: [
    "start-server",
    fileURLToPath(new URL("../examples/hello.wsgi", import.meta.url)),
    "--host",
    "127.0.0.1",
    "--port",
    "0",
    "--processes",
    "2",
    "--log-to-terminal",
    ...options,
  ],
  stdin: "null",
  stdout: "piped",
  stderr: "inherit",
}).spawn();
const timer = setTimeout(() => {
  console.error(`nothing was served within ${DEADLINE_MS / 1000} s`);
  child.kill("SIGKILL");
  Deno.exit(1);
}, DEADLINE_MS);

let url = "";
let text = "";
for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
  console.log(part.trimEnd());
  text += part;
  url ||= /^Server URL +: (\S+)$/m.exec(text)?.[1] ?? "";
  if (url !== "" && /^ready in \d+ ms$/m.test(text)) break;
}
const response = await fetch(url);
const body = await response.text();
console.log(`${url} answered ${response.status}: ${body.trim()}`);
clearTimeout(timer);
child.kill(Deno.build.os === "windows" ? "SIGKILL" : "SIGTERM");
const { code } = await child.status;
const stopped = Deno.build.os === "windows" || code === 0;
if (!stopped) console.error(`it stopped with status ${code}`);
Deno.exit(response.status === 200 && stopped ? 0 : 1);
