/** The `service` command with a real systemd, where there is one and root may start another. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { newestPython } from "../pythons.ts";
import { cleanEnvironment, command, ROOT } from "./command.ts";
import { Folder } from "./folder.ts";

const POSSIBLE = existsSync("/lib/systemd/systemd") && Deno.uid() === 0;
/** Exit status of `systemd.sh` where systemd does not start. */
const NOT_STARTED = 77;

/** Runs a script of bash, in which `$SERVICE` is the service command, and gives what it prints. */
async function underSystemd(script: string): Promise<string | undefined> {
  using folder = new Folder();
  const service = [...command(), "service"].map((word) => `'${word}'`).join(" ");
  const { code, stdout, stderr } = await new Deno.Command("unshare", {
    args: [
      ...["--mount", "--propagation", "private"],
      ...["bash", `${ROOT}/tests/blackbox/systemd.sh`, folder.path, script],
    ],
    env: {
      ...cleanEnvironment(),
      SERVICE: service,
      SERVER: `${ROOT}/tests/apps/hello.wsgi --log-to-terminal --host 127.0.0.1 ` +
        `--server-root ${folder.file("root")} --python ${newestPython().executable}`,
    },
    clearEnv: true,
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  if (code === NOT_STARTED) {
    console.error("NOT TESTED: systemd can't be started here");
    return undefined;
  }
  assert.equal(code, 0, `${decoder.decode(stderr)}\n${folder.read("systemd.log")}`);
  return decoder.decode(stdout);
}

/** A port that nobody listens on. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

Deno.test({
  name: "systemd installs, watches, reloads, stops and removes a service",
  ignore: !POSSIBLE,
  async fn() {
    const port = freePort();
    const text = await underSystemd(`
show() { systemctl --user show shop.service --property "$1" --value; }
eval "$SERVICE install --user --name shop $SERVER --port ${port}" >/dev/null 2>&1
echo "installed $(show SubState) $(show Type) $(show StatusText)"
[ "$(show WatchdogTimestamp)" ] && echo "watched"
pid=$(show MainPID)
systemctl --user reload shop.service
until [ "$(show SubState)" = running ]; do sleep 0.05; done
[ "$(show MainPID)" = "$pid" ] && echo "reloaded"
eval "$SERVICE stop --user --name shop" >/dev/null
echo "stopped $(show SubState) $(show Result)"
eval "$SERVICE remove --user --name shop" >/dev/null 2>&1
ls "$HOME/.config/systemd/user" | wc -l
`);
    if (text === undefined) return;
    assert.deepEqual(text.trim().split("\n"), [
      `installed running notify Serving http://127.0.0.1:${port}/, processes: 1, threads of each: 5`,
      "watched",
      "reloaded",
      "stopped dead success",
      "0",
    ]);
  },
});

Deno.test({
  name: "systemd listens for a service and starts it with the first connection",
  ignore: !POSSIBLE,
  async fn() {
    const port = freePort();
    const text = await underSystemd(`
state() { systemctl --user show shop.service --property SubState --value; }
eval "$SERVICE install --user --socket --name shop $SERVER --port ${port}" >/dev/null 2>&1
systemctl --user stop shop.service 2>/dev/null
systemctl --user is-active shop.socket
state
exec 9<>/dev/tcp/127.0.0.1/${port}
printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&9
head -n 1 <&9 | tr -d '\\r'
state
eval "$SERVICE stop --user --name shop" >/dev/null
systemctl --user is-active shop.socket || true
`);
    if (text === undefined) return;
    assert.deepEqual(text.trim().split("\n"), [
      "active",
      "dead",
      "HTTP/1.1 200 OK",
      "running",
      "inactive",
    ]);
  },
});
