import assert from "node:assert/strict";
import { ConfigurationError } from "../../../core/errors.ts";
import {
  accessFormatter,
  AccessLog,
  type AccessRecord,
  accessTime,
} from "../../../core/log/access_log.ts";

function record(changes: Partial<AccessRecord> = {}): AccessRecord {
  return {
    remoteAddress: "192.0.2.7",
    remotePort: 4711,
    localAddress: "192.0.2.1",
    localPort: 8000,
    remoteUser: "",
    serverName: "localhost",
    hostName: "example.com",
    requestLine: "GET /a%20/b?c=d&e HTTP/1.1",
    path: "/a /b",
    filename: "/htdocs/a ",
    requestId: "AAAAAAAAAAA",
    requestsBefore: 3,
    receivedBytes: 99,
    status: 200,
    bodyBytes: 1234,
    sentBytes: 1500,
    connectionEnd: "+",
    duration: 1234.5678,
    requestHeader: (name) => ({ "referer": "http://a/", "user-agent": 'x "y"' })[name],
    responseHeader: (name) => ({ "set-cookie": "a=1, b=2" })[name],
    ...changes,
  };
}

function line(format: string, changes: Partial<AccessRecord> = {}): string {
  return accessFormatter(format)(record(changes));
}

const TIME = String.raw`\[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\]`;

Deno.test("common is Apache's Common Log Format", () => {
  assert.match(
    line("common"),
    new RegExp(`^192\\.0\\.2\\.7 - - ${TIME} "GET /a%20/b\\?c=d&e HTTP/1\\.1" 200 1234\n$`),
  );
});

Deno.test("combined adds Referer and User-Agent", () => {
  assert.match(line("combined"), / 200 1234 "http:\/\/a\/" "x \\"y\\""\n$/);
});

Deno.test("each directive writes its part", () => {
  const cases: Record<string, string> = {
    "%a %h": "192.0.2.7 192.0.2.7",
    "%l": "-",
    "%A": "192.0.2.1",
    "%v %V": "localhost example.com",
    "%p %{canonical}p %{local}p %{remote}p": "8000 8000 8000 4711",
    "%f": "/htdocs/a ",
    "%I %O": "99 1500",
    "%k %L %X": "3 AAAAAAAAAAA +",
    "%{Set-Cookie}o %{X-None}o": "a=1, b=2 -",
    "%m %U %q %H": "GET /a /b ?c=d&e HTTP/1.1",
    "%r": "GET /a%20/b?c=d&e HTTP/1.1",
    "%s %>s %<s": "200 200 200",
    "%b %B": "1234 1234",
    "%D %T": "1234568 1",
    "%{s}T %{ms}T %{us}T": "1 1234 1234567",
    "%P": String(Deno.pid),
    "100%%": "100%",
    "%{Referer}i %{X-None}i": "http://a/ -",
    "plain": "plain",
    "a\\tb\\n\\\\ \\x": "a\tb\n\\ \\x",
  };
  for (const [format, text] of Object.entries(cases)) assert.equal(line(format), text + "\n");
});

Deno.test("statuses behind the percent sign say where a directive is a dash", () => {
  for (const status of [200, 304, 501]) {
    const other = status === 501;
    const cases: Record<string, string> = {
      "%!200,304{Referer}i": other ? "http://a/" : "-",
      "%200,304{Referer}i": other ? "-" : "http://a/",
      "%{Referer}!200,304i": other ? "http://a/" : "-",
      "%>!200,304s": other ? "501" : "-",
      "%400,501m": other ? "GET" : "-",
    };
    for (const [format, text] of Object.entries(cases)) {
      assert.equal(line(format, { status }), text + "\n", `${format} ${status}`);
    }
  }
});

Deno.test("the time is that of the request, not of its end", () => {
  const day = 24 * 3_600_000;
  const date = accessTime(Date.now() - 10 * day).slice(0, 11);
  const dates = [date, accessTime(Date.now() - 9 * day).slice(0, 11)];
  assert.ok(dates.includes(line("%t", { duration: 10 * day }).slice(1, 12)));
});

Deno.test("what is not there is a dash", () => {
  assert.equal(line("%b %B", { bodyBytes: 0 }), "- 0\n");
  assert.equal(line("%>s", { status: 0 }), "-\n");
  assert.equal(line("%u", { remoteUser: "ada" }), "ada\n");
  assert.equal(line("%u"), "-\n");
  const unknown = { requestLine: "-", path: undefined, filename: undefined, requestId: "" };
  assert.equal(line("%r|%m|%U|%q|%H|%f|%L", unknown), "-|-|-||-|-|-\n");
});

Deno.test("a client can't write a line of its own into the log", () => {
  assert.equal(
    line("%r", { requestLine: 'GET /"\\\r\n\x7f\xe4 HTTP/1.1' }),
    'GET /\\"\\\\\\r\\n\\x7f\\xe4 HTTP/1.1\n',
  );
});

Deno.test("a directive that is not known is refused with those that are", () => {
  const formats = [
    "%Z",
    "%{x}Z",
    "%{x}h",
    "%i",
    "%{h}T",
    "%!200Z",
    "%^tiX",
    "%{x",
    "%",
    "50% %h",
    "%o",
    "%{h}p",
    "%{constructor}p",
  ];
  for (const format of formats) {
    assert.throws(
      () => accessFormatter(format),
      (error) => error instanceof ConfigurationError && /%h .*%\{Name\}i/.test(error.message),
    );
  }
});

Deno.test("accessTime() is local time with its offset", () => {
  const time = new Date(2026, 10, 3, 9, 4, 5).getTime();
  assert.match(accessTime(time), /^03\/Nov\/2026:09:04:05 [+-]\d{4}$/);
  assert.match(accessTime(time + 1000), /^03\/Nov\/2026:09:04:06 /);
  assert.match(accessTime(time), /:05 /);
});

Deno.test("AccessLog collects lines until it is flushed, or has many", () => {
  const written: string[] = [];
  const log = new AccessLog({
    writeSync(bytes) {
      written.push(new TextDecoder().decode(bytes));
      return bytes.length;
    },
  }, "%m");
  log.write(record());
  log.write(record());
  assert.deepEqual(written, []);
  log.flush();
  log.flush();
  assert.deepEqual(written, ["GET\nGET\n"]);
  const long = record({ requestLine: "x".repeat(1000) });
  for (let count = 0; count < 40; count++) log.write(long);
  assert.equal(written.length, 2);
});

Deno.test("an access log that can't be written ends nothing", () => {
  const log = new AccessLog({
    writeSync() {
      throw new Deno.errors.BrokenPipe("Broken pipe");
    },
  }, "%m");
  log.write(record());
  log.flush();
});

Deno.test("a path is logged decoded, and can't write a line of its own", () => {
  assert.equal(line("%U", { path: '/\n"\t\xe4\x01' }), '/\\n\\"\\t\\xe4\\x01\n');
  const refused = { path: undefined, requestLine: "GET /a%2fb?c HTTP/1.1" };
  assert.equal(line("%U %q", refused), "/a%2fb ?c\n");
});

Deno.test("Debian's vhost_combined is understood", () => {
  const format = '%v:%p %h %l %u %t "%r" %>s %O "%{Referer}i" "%{User-Agent}i"';
  assert.match(line(format), /^localhost:8000 192\.0\.2\.7 - - .* 200 1500 "http:\/\/a\/" /);
});

Deno.test("AccessLog tells whether its lines tell of headers of the response", () => {
  const sink = { writeSync: (bytes: Uint8Array) => bytes.length };
  for (const [format, wants] of [["combined", false], ["%{A}i", false], ["%!200{A}o", true]]) {
    assert.equal(new AccessLog(sink, format as string).wantsResponseHeaders, wants);
  }
});
