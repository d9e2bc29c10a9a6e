import assert from "node:assert/strict";
import type { Service } from "../../../cli/service/definition.ts";
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
};

Deno.test("systemd: words are quoted, % and $ are doubled", () => {
  const unit = systemd.definition(service);
  assert.match(
    unit,
    /^ExecStart="\/opt\/my tools\/wsgi-express" start-server a\.wsgi --setenv RATE "100%% \\"\$\$5\\" \\\\"$/m,
  );
  assert.match(unit, /^WorkingDirectory=\/srv\/50%% shop$/m);
  assert.match(unit, /^ExecReload=\/bin\/kill -USR1 \$MAINPID$/m);
  assert.match(unit, /^TimeoutStopSec=15$/m);
  assert.match(unit, /^WantedBy=multi-user\.target$/m);
});

Deno.test("systemd: a user's service is a unit of the user's manager", () => {
  const user = { name: "shop", scope: "user" } as const;
  assert.equal(systemd.path(user, "/home/u"), "/home/u/.config/systemd/user/shop.service");
  assert.deepEqual(systemd.commands("install", user, "", 1000), [
    ["systemctl", "--user", "daemon-reload"],
    ["systemctl", "--user", "enable", "--now", "shop.service"],
  ]);
});

Deno.test("launchd: every word is a string of its own, escaped for XML", () => {
  const plist = launchd.definition({ ...service, words: ["/bin/wsgi-express", "a<b>&c"] });
  assert.match(
    plist,
    /<string>\/bin\/wsgi-express<\/string>\n *<string>a&lt;b&gt;&amp;c<\/string>/,
  );
  assert.deepEqual(launchd.commands("stop", { name: "shop", scope: "user" }, "", 501), [
    ["launchctl", "kill", "SIGTERM", "gui/501/shop"],
  ]);
});

Deno.test("Task Scheduler: arguments are quoted as Windows takes them apart", () => {
  const task = taskScheduler.definition({
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
