/**
 * Header names: checked, classified and turned into environ keys once, then found in a table.
 *
 * Clients repeat the same few names in every request, so the table makes the check of a name one
 * lookup. It is bounded: a client that makes up names can make it be built again, nothing more.
 */

/** What a header line means to the server itself. */
export const HeaderRole = {
  /** Only for the application. */
  other: 0,
  host: 1,
  contentLength: 2,
  transferEncoding: 3,
  connection: 4,
  expect: 5,
  upgrade: 6,
} as const;

/** A header name that passed the check of RFC 9110 section 5.1 (it is a token). */
export interface HeaderName {
  /** The name in lower case. */
  readonly name: string;
  /** Key of the environ (`HTTP_USER_AGENT`, `CONTENT_TYPE`), or `""` where no application may see it. */
  readonly key: string;
  /** The key between NUL characters as the environ text needs it, or `""`. */
  readonly pair: string;
  /** One of {@linkcode HeaderRole}. */
  readonly role: number;
  /** What joins the values of repeated lines. */
  readonly separator: string;
  /** Number of the last request head that had this name; of use to the parser only. */
  lastSeen: number;
}

/** RFC 9110 section 5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Names that can be told apart after `-` became `_`. Others are accepted and not passed on. */
const UNAMBIGUOUS = /^[0-9a-z-]+$/;

const ROLES: ReadonlyMap<string, number> = new Map([
  ["host", HeaderRole.host],
  ["content-length", HeaderRole.contentLength],
  ["transfer-encoding", HeaderRole.transferEncoding],
  ["connection", HeaderRole.connection],
  ["expect", HeaderRole.expect],
  ["upgrade", HeaderRole.upgrade],
]);

/** Names without the prefix `HTTP_` (RFC 3875 section 4.1). */
const WITHOUT_PREFIX: ReadonlySet<string> = new Set(["content-length", "content-type"]);

/**
 * Names no application sees: `Proxy` would become HTTP_PROXY, which many HTTP clients take for a
 * setting of their own, and Apache passes on `Authorization` only.
 */
const NEVER_PASSED: ReadonlySet<string> = new Set(["proxy", "proxy-authorization"]);

/** Characters of names the table holds before it is emptied. */
const TABLE_CHARACTERS = 32768;

/** The table of header names that a server's parsers share. */
export class HeaderNames {
  readonly #byName = new Map<string, HeaderName>();
  #characters = 0;

  /**
   * The entry of a name as sent, in any case, or `undefined` where it isn't a token. Within one
   * request head the same name in another case gives the same object.
   */
  find(name: string): HeaderName | undefined {
    return this.#byName.get(name) ?? this.#add(name);
  }

  /** Empties a table that grew too large. Called between request heads. */
  trim(): void {
    if (this.#characters <= TABLE_CHARACTERS) return;
    this.#byName.clear();
    this.#characters = 0;
  }

  #add(name: string): HeaderName | undefined {
    if (!TOKEN.test(name)) return undefined;
    const lower = copyOf(name).toLowerCase();
    let entry = this.#byName.get(lower);
    if (entry === undefined) {
      entry = describe(lower);
      this.#byName.set(lower, entry);
      this.#characters += lower.length;
    }
    if (name !== lower) {
      this.#byName.set(copyOf(name), entry);
      this.#characters += name.length;
    }
    return entry;
  }
}

function describe(name: string): HeaderName {
  let key = "";
  if (UNAMBIGUOUS.test(name) && !NEVER_PASSED.has(name)) {
    key = name.toUpperCase().replaceAll("-", "_");
    if (!WITHOUT_PREFIX.has(name)) key = "HTTP_" + key;
  }
  return {
    name,
    key,
    pair: key === "" ? "" : `\0${key}\0`,
    role: ROLES.get(name) ?? HeaderRole.other,
    separator: name === "cookie" ? "; " : ", ",
    lastSeen: 0,
  };
}

/** A text of its own: a slice would keep the whole request head it was cut from in memory. */
function copyOf(text: string): string {
  let copy = "";
  for (let index = 0; index < text.length; index++) {
    copy += String.fromCharCode(text.charCodeAt(index));
  }
  return copy;
}
