/**
 * The examples in a real browser; pictures of them for the documentation where `WSGI_EXPRESS_IMAGES`
 * names a folder.
 */

import assert from "node:assert/strict";
import { Folder, ROOT, startServer } from "../blackbox/harness.ts";
import { newestPython } from "../pythons.ts";
import { venvOf } from "../venvs.ts";
import { Chromium, findChromium } from "./chromium.ts";
import { ADMIN, serveDjango } from "./django_project.ts";

const program = findChromium();
if (program === undefined) {
  console.error(
    "NOT TESTED: the examples in a browser; no Chromium was found (CHROMIUM names one)",
  );
}

async function picture(browser: Chromium, name: string): Promise<void> {
  const png = await browser.screenshot();
  assert.deepEqual([...png.subarray(1, 4)], [0x50, 0x4e, 0x47]);
  const folder = Deno.env.get("WSGI_EXPRESS_IMAGES");
  if (folder === undefined) return;
  Deno.mkdirSync(folder, { recursive: true });
  Deno.writeFileSync(`${folder}/${name}.png`, png);
}

Deno.test({
  name: "Django works in a browser: log in, ask a question, vote",
  ignore: program === undefined,
  async fn() {
    using folder = new Folder();
    await using server = await serveDjango(newestPython(), folder);
    await using browser = await Chromium.start(program!);
    await browser.open(`${server.url}admin/`);
    await browser.follow(`
      document.querySelector("#id_username").value = "${ADMIN.username}";
      document.querySelector("#id_password").value = "${ADMIN.password}";
      document.querySelector("form").submit();
    `);
    assert.equal(
      await browser.evaluate("document.title"),
      "Site administration | Django site admin",
    );
    // The admin's style sheet was loaded and applied.
    const colour = await browser.evaluate(
      `getComputedStyle(document.querySelector("#header")).backgroundColor`,
    );
    assert.notEqual(colour, "rgba(0, 0, 0, 0)");
    await picture(browser, "django-admin");

    await browser.open(`${server.url}admin/polls/question/add/`);
    await browser.follow(`
      document.querySelector("#id_text").value = "What should we drink?";
      ["Tea", "Coffee", "Water"].forEach((text, index) =>
        document.querySelector("#id_choices-" + index + "-text").value = text);
      document.querySelector("[name=_save]").click();
    `);
    await browser.open(server.url);
    await browser.follow(`document.querySelector("li a").click()`);
    for (let vote = 0; vote < 3; vote++) {
      await browser.follow(`
        document.querySelectorAll("[name=choice]")[1].checked = true;
        document.querySelector("button").click();
      `);
    }
    const votes = await browser.evaluate(
      `[...document.querySelectorAll(".votes")].map((found) => found.textContent).join()`,
    );
    assert.equal(votes, "0,3,0");
    await picture(browser, "django-polls");
  },
});

Deno.test({
  name: "Flask works in a browser: session, upload, streamed text",
  ignore: program === undefined,
  async fn() {
    const venv = await venvOf(newestPython());
    await using server = await startServer({
      app: `${ROOT}/examples/flask/app.wsgi`,
      python: venv.folder,
    });
    await using browser = await Chromium.start(program!);
    await browser.open(server.url);
    await browser.open(server.url);
    assert.equal(await browser.evaluate(`document.querySelector("strong").textContent`), "2");
    await picture(browser, "flask");
    await browser.follow(`
      const files = new DataTransfer();
      files.items.add(new File(["some text"], "notes.txt"));
      document.querySelector("[type=file]").files = files.files;
      document.querySelector("form").submit();
    `);
    const answer = JSON.parse(await browser.evaluate("document.body.innerText") as string);
    assert.equal(answer.name, "notes.txt");
    assert.equal(answer.size, 9);
    await browser.open(`${server.url}countdown?from=3&pause=0.1`);
    assert.match(await browser.evaluate("document.body.innerText") as string, /^3\n2\n1\nLift-off/);
  },
});
