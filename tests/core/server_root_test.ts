import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { ConfigurationError } from "../../core/errors.ts";
import { HANDLER_SCRIPT_MARK } from "../../core/handler_script.ts";
import { createPlan } from "../../core/options/create_plan.ts";
import type { Settings } from "../../core/options/table.ts";
import { prepareServerRoot } from "../../core/server_root.ts";

const SCRIPT = import.meta.dirname + "/../apps/hello.wsgi";
const USER = 4711;
const windows = Deno.build.os === "windows";
const notRoot = Deno.uid() !== 0;

/** A folder with a server root in it. */
class Place implements Disposable {
  readonly folder = Deno.realPathSync(Deno.makeTempDirSync());
  readonly root = this.path("root");

  constructor() {
    Deno.mkdirSync(this.root);
  }

  path(name: string): string {
    return `${this.folder}/${name}`;
  }

  async prepare(owner: number | null, settings: Partial<Settings> = {}): Promise<void> {
    const { plan } = createPlan({ entryPoint: SCRIPT, serverRoot: this.root, ...settings });
    await prepareServerRoot(plan, owner);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.folder, { recursive: true });
  }
}

function giveLink(path: string, uid: number): void {
  assert.ok(new Deno.Command("chown", { args: ["-h", String(uid), path] }).outputSync().success);
}

Deno.test({
  name: "prepareServerRoot() replaces links in the root and writes through none",
  ignore: windows,
  async fn() {
    using place = new Place();
    const names = ["httpd.pid", "wsgi-express.json", "handler.wsgi"];
    for (const name of names) {
      Deno.writeTextFileSync(place.path(name), `${HANDLER_SCRIPT_MARK} of somebody else`);
      Deno.symlinkSync(place.path(name), `${place.root}/${name}`);
    }
    await place.prepare(null);
    for (const name of names) {
      assert.equal(
        Deno.readTextFileSync(place.path(name)),
        `${HANDLER_SCRIPT_MARK} of somebody else`,
      );
      assert.ok(Deno.lstatSync(`${place.root}/${name}`).isFile, name);
    }
    assert.equal(Deno.readTextFileSync(`${place.root}/httpd.pid`), `${Deno.pid}\n`);
  },
});

Deno.test({
  name: "prepareServerRoot() writes a pid file of a place that was chosen, through a link too",
  ignore: windows,
  async fn() {
    using place = new Place();
    // It begins as the root does, and is not in it.
    const pidFile = `${place.root}.pid`;
    Deno.symlinkSync(place.path("target"), pidFile);
    await place.prepare(null, { pidFile });
    assert.equal(Deno.readTextFileSync(place.path("target")), `${Deno.pid}\n`);
  },
});

Deno.test({
  name: "root takes a server root of its own or of the application's user, and no other",
  ignore: notRoot,
  async fn() {
    using place = new Place();
    await place.prepare(null);
    await place.prepare(USER);
    Deno.chownSync(place.root, USER, null);
    await place.prepare(USER);
    await assert.rejects(place.prepare(USER + 1), (error) => {
      assert.ok(error instanceof ConfigurationError);
      assert.match(error.message, /\/root" belongs to user id 4711, .* --server-root/);
      return true;
    });
    // Without another user there is nobody to be kept from anything.
    await place.prepare(null);
  },
});

Deno.test({
  name: "root takes a link to a server root where root has made the link",
  ignore: notRoot,
  async fn() {
    using place = new Place();
    const serverRoot = place.path("link");
    Deno.symlinkSync(place.root, serverRoot);
    await place.prepare(USER, { serverRoot });
    giveLink(serverRoot, USER);
    await assert.rejects(place.prepare(USER, { serverRoot }), /belongs to user id 4711/);
  },
});

Deno.test({
  name: "the application's user gets the folder for eggs in the server root, and none beside it",
  ignore: notRoot,
  async fn() {
    using place = new Place();
    await place.prepare(USER);
    assert.equal(Deno.statSync(`${place.root}/python-eggs`).uid, USER);
    const pythonEggs = `${place.root}-eggs`;
    await place.prepare(USER, { pythonEggs });
    assert.ok(!existsSync(pythonEggs));
  },
});

Deno.test({
  name: "the application's user gets no folder by a link in its own server root",
  ignore: notRoot,
  async fn() {
    using place = new Place();
    const target = place.path("target");
    Deno.mkdirSync(target);
    Deno.symlinkSync(target, `${place.root}/python-eggs`);
    // In a folder that others can write to as in one of their own.
    await place.prepare(USER);
    Deno.chownSync(place.root, USER, null);
    await place.prepare(USER);
    assert.equal(Deno.statSync(target).uid, 0);
  },
});
