import assert from "node:assert/strict";
import { thisHost } from "../../../ffi/discovery/host.ts";
import { parseProbe, type Probe, PROBE_ARGUMENTS, refusal } from "../../../ffi/discovery/probe.ts";
import { testPythons } from "../../pythons.ts";
import { probeText } from "../fake_host.ts";

function probe(values: Record<string, string> = {}): Probe {
  const parsed = parseProbe(probeText(values));
  assert.ok(parsed);
  return parsed;
}

Deno.test("parseProbe() reads an answer", () => {
  const answer = probe({ version: "3.14.0rc2", shared: "0", freeThreaded: "1" });
  assert.equal(answer.version, "3.14.0rc2");
  assert.deepEqual(answer.versionNumbers, [3, 14, 0]);
  assert.equal(answer.bits, 64);
  assert.equal(answer.shared, false);
  assert.equal(answer.freeThreaded, true);
  assert.equal(answer.INSTSONAME, "libpython3.12.so.1.0");
});

Deno.test("parseProbe() passes over what a wrapper printed before", () => {
  assert.equal(parseProbe("Welcome!\n" + probeText())?.version, "3.12.1");
});

Deno.test("parseProbe() knows when a text is no answer", () => {
  assert.equal(parseProbe(""), undefined);
  assert.equal(parseProbe("Python 3.12.1\n"), undefined);
  assert.equal(parseProbe("wsgi-express-probe\0version\0what"), undefined);
});

Deno.test("refusal() takes CPython 3.8 to 3.15 with 64 bits and nothing else", () => {
  for (let minor = 8; minor <= 15; minor++) {
    assert.equal(refusal(probe({ version: `3.${minor}.0` })), undefined);
  }
  for (const version of ["2.7.18", "3.7.16", "3.16.0", "4.0.0"]) {
    assert.match(
      refusal(probe({ version })) ?? "",
      new RegExp(`it is Python ${version.replaceAll(".", "\\.")}, and CPython 3.8 to 3.15`),
    );
  }
  assert.match(refusal(probe({ implementation: "pypy" })) ?? "", /it is pypy/);
  assert.match(refusal(probe({ bits: "32" })) ?? "", /32-bit/);
});

for (const { minor, executable } of testPythons()) {
  Deno.test(`Python ${minor} answers the probe`, async () => {
    const output = await thisHost().run(executable, PROBE_ARGUMENTS);
    assert.equal(output.stderr, "");
    const answer = parseProbe(output.stdout);
    assert.ok(answer);
    assert.ok(answer.version.startsWith(`${minor}.`));
    assert.equal(answer.implementation, "cpython");
    assert.notEqual(answer.executable, "");
    assert.notEqual(answer.basePrefix, "");
    assert.equal(answer.build.startsWith(answer.version), true);
  });

  Deno.test({
    name: `Python ${minor} answers with sysconfig's own values`,
    ignore: Deno.build.os === "windows",
    async fn() {
      const host = thisHost();
      const answer = parseProbe((await host.run(executable, PROBE_ARGUMENTS)).stdout);
      const names = ["LDVERSION", "LDLIBRARY", "INSTSONAME", "LIBDIR", "SOABI"];
      const asked = await host.run(executable, [
        "-c",
        `import sysconfig; print("|".join(str(v) for v in sysconfig.get_config_vars(*${
          JSON.stringify(names)
        })))`,
      ]);
      assert.deepEqual(
        [answer?.LDVERSION, answer?.LDLIBRARY, answer?.INSTSONAME, answer?.LIBDIR, answer?.soabi],
        asked.stdout.trim().split("|"),
      );
    },
  });
}
