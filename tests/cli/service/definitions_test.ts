import assert from "node:assert/strict";
import type { Service, ServiceManager } from "../../../cli/service/definition.ts";
import { launchd } from "../../../cli/service/launchd.ts";
import { systemd } from "../../../cli/service/systemd.ts";
import { taskScheduler } from "../../../cli/service/task_scheduler.ts";

const service: Service = {
  name: "shop",
  words: [
    "/opt/my tools/wsgi-express",
    "start-server",
    "a.wsgi",
    "--setenv",
    "RATE",
    '100% "$5" \\',
  ],
  workingDirectory: "/srv/50% shop",
  scope: "system",
  stopTimeout: 15,
  socket: null,
};

const HOME = "/Users/me & you";

function textOf(manager: ServiceManager, asked: Service, file = 0): string {
  return manager.definitions(asked, HOME)[file]!.text;
}

Deno.test("systemd: words are quoted, % and $ are doubled", () => {
  const unit = textOf(systemd, service);
  assert.match(
    unit,
    /^ExecStart="\/opt\/my tools\/wsgi-express" start-server a\.wsgi --setenv RATE "100%% \\"\$\$5\\" \\\\"$/m,
  );
  assert.match(unit, /^WorkingDirectory=\/srv\/50%% shop$/m);
  assert.match(unit, /^ExecReload=\/bin\/kill -USR1 \$MAINPID$/m);
  assert.match(unit, /^TimeoutStopSec=15$/m);
  assert.match(unit, /^WantedBy=multi-user\.target$/m);
});

Deno.test("systemd: the service speaks for itself, and is watched", () => {
  const unit = textOf(systemd, service);
  assert.match(unit, /^Type=notify$/m);
  assert.match(unit, /^WatchdogSec=\d+$/m);
  assert.doesNotMatch(unit, /Requires=/);
});

Deno.test("systemd: where it listens there is a unit for the socket", () => {
  const of = (host: string) => ({ ...service, socket: { host, port: 8000, backlog: 500 } });
  const files = systemd.definitions(of("127.0.0.1"), HOME);
  assert.deepEqual(files.map(({ name }) => name), ["shop.service", "shop.socket"]);
  assert.match(files[0]!.text, /^Requires=shop\.socket$/m);
  assert.match(files[1]!.text, /^ListenStream=127\.0\.0\.1:8000\nBacklog=500$/m);
  assert.match(files[1]!.text, /^WantedBy=sockets\.target$/m);
  assert.match(textOf(systemd, of(""), 1), /^ListenStream=8000$/m);
  assert.match(textOf(systemd, of("localhost"), 1), /^ListenStream=127\.0\.0\.1:8000$/m);
  assert.match(textOf(systemd, of("::1"), 1), /^ListenStream=\[::1\]:8000$/m);
  const installed = ["/etc/systemd/system/shop.service", "/etc/systemd/system/shop.socket"];
  const name = { name: "shop", scope: "system" } as const;
  assert.deepEqual(systemd.commands("stop", name, installed, 0), [
    ["systemctl", "stop", "shop.socket", "shop.service"],
  ]);
});

Deno.test("systemd: a user's service is a unit of the user's manager", () => {
  const user = { name: "shop", scope: "user" } as const;
  assert.equal(systemd.folder("user", "/home/u"), "/home/u/.config/systemd/user");
  assert.deepEqual(systemd.commands("install", user, ["shop.service"], 1000), [
    ["systemctl", "--user", "daemon-reload"],
    ["systemctl", "--user", "enable", "--now", "shop.service"],
  ]);
});

Deno.test("launchd: every word is a string of its own, escaped for XML", () => {
  const plist = textOf(launchd, { ...service, words: ["/bin/wsgi-express", "a<b>&c"] });
  assert.match(
    plist,
    /<string>\/bin\/wsgi-express<\/string>\n *<string>a&lt;b&gt;&amp;c<\/string>/,
  );
  assert.deepEqual(launchd.commands("stop", { name: "shop", scope: "user" }, [], 501), [
    ["launchctl", "kill", "SIGTERM", "gui/501/shop"],
  ]);
});

Deno.test("launchd: what is printed goes to a file, which launchd would not keep", () => {
  const value = (text: string, key: string) =>
    new RegExp(`<key>${key}</key>\\s*<string>(.*)</string>`).exec(text)?.[1];
  const user = textOf(launchd, { ...service, scope: "user" });
  for (const key of ["StandardOutPath", "StandardErrorPath"]) {
    assert.equal(value(textOf(launchd, service), key), "/Library/Logs/shop.log");
    assert.equal(value(user, key), "/Users/me &amp; you/Library/Logs/shop.log");
  }
  assert.match(user, /<key>NumberOfFiles<\/key>\s*<integer>65536<\/integer>/);
});

Deno.test("Task Scheduler: arguments are quoted as Windows takes them apart", () => {
  const task = textOf(taskScheduler, {
    ...service,
    words: [
      "C:\\Program Files\\wsgi-express.exe",
      "start-server",
      "my app.wsgi",
      'say "hi"',
      "C:\\a b\\",
    ],
  });
  assert.match(task, /<Command>C:\\Program Files\\wsgi-express\.exe<\/Command>/);
  assert.ok(
    task.includes('<Arguments>start-server "my app.wsgi" "say \\"hi\\"" "C:\\a b\\\\"</Arguments>'),
    task,
  );
});
