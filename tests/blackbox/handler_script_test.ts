/** The file that `mod_wsgi.handler_script` names. */

import assert from "node:assert/strict";
import { APPS, Folder, startServer } from "./harness.ts";

Deno.test("mod_wsgi.handler_script names a file about the application, and replaces none of the user's", async () => {
  using folder = new Folder();
  const own = folder.write("handler.wsgi", Deno.readTextFileSync(`${APPS}/environ.wsgi`));
  for (const root of [undefined, folder.path]) {
    await using server = await startServer({
      app: root === undefined ? "environ.wsgi" : own,
      args: root === undefined ? [] : ["--server-root", root],
    });
    const path = (await server.request("/")).json.environ["mod_wsgi.handler_script"];
    const text = Deno.readTextFileSync(path);
    if (root === undefined) {
      assert.ok(text.includes(`entry_point = "${APPS}/environ.wsgi"\n`), text);
    } else assert.equal(text, Deno.readTextFileSync(`${APPS}/environ.wsgi`));
  }
});
