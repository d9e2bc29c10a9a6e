/** The Django example with admin, static files, CSRF, SQLite, an async view; on every CPython. */

import assert from "node:assert/strict";
import { Folder, forEachPython, type Server } from "../blackbox/harness.ts";
import { Browser } from "./browser.ts";
import { ADMIN, PROJECT, serveDjango } from "./django_project.ts";

async function logsIn(server: Server): Promise<Browser> {
  const browser = new Browser(server);
  const page = await browser.get("/admin/login/?next=/admin/");
  assert.equal(page.status, 200);
  assert.match(page.text, /Django administration/);
  const wrong = await browser.post("/admin/login/?next=/admin/", {
    ...ADMIN,
    password: "wrong",
  });
  assert.equal(wrong.status, 200);
  const right = await browser.post("/admin/login/?next=/admin/", ADMIN);
  assert.equal(right.status, 302);
  assert.equal(right.header("location"), "/admin/");
  assert.match((await browser.get("/admin/")).text, /Site administration/);
  return browser;
}

async function asksQuestion(browser: Browser): Promise<void> {
  const added = await browser.post("/admin/polls/question/add/", {
    text: "Tea or coffee? \u2615",
    asked_at_0: "2026-01-02",
    asked_at_1: "03:04:05",
    "choices-TOTAL_FORMS": "2",
    "choices-INITIAL_FORMS": "0",
    "choices-MIN_NUM_FORMS": "0",
    "choices-MAX_NUM_FORMS": "1000",
    "choices-0-text": "Tea",
    "choices-0-votes": "0",
    "choices-1-text": "Coffee",
    "choices-1-votes": "0",
  });
  assert.equal(added.status, 302, added.text);
  assert.match((await browser.get("/")).text, /Tea or coffee\? \u2615/);
}

forEachPython("Django: admin, static files, CSRF, SQLite and async views work", async (python) => {
  using folder = new Folder();
  await using server = await serveDjango(python, folder);
  const browser = await logsIn(server);

  const style = await browser.get("/static/polls/style.css");
  assert.equal(style.status, 200);
  assert.match(style.header("content-type")!, /^text\/css/);
  assert.equal(style.text, Deno.readTextFileSync(`${PROJECT}/polls/static/polls/style.css`));
  const admin = await browser.get("/static/admin/css/base.css");
  assert.equal(admin.status, 200);
  assert.equal(admin.header("content-length"), String(admin.body.length));
  assert.equal((await browser.get("/static/nothing.css")).status, 404);

  await asksQuestion(browser);
  assert.match((await browser.get("/1/")).text, /Coffee/);
  for (let vote = 0; vote < 10; vote++) {
    const voted = await browser.post("/1/", { choice: "2" });
    assert.equal(voted.status, 302);
    assert.equal(voted.header("location"), "/1/");
  }
  const forged = await new Browser(server).post("/1/", { choice: "2" });
  assert.equal(forged.status, 403);
  assert.deepEqual((await browser.get("/totals.json")).json, { questions: 1, votes: 10 });
  assert.equal(
    (await browser.get("/votes.csv")).text,
    "question,choice,votes\r\n1,1,0\r\n1,2,10\r\n",
  );
  assert.equal((await browser.get("/7/")).status, 404);

  const totals = await Promise.all(
    Array.from({ length: 30 }, () => new Browser(server).get("/totals.json")),
  );
  assert.ok(totals.every(({ json }) => json.votes === 10));
});
