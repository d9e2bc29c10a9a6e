import { unescape } from "./escapes.ts";

/** One thing that a response must show. */
export type Assertion =
  | { readonly kind: "header"; readonly name: string; readonly value: string | RegExp | null }
  | { readonly kind: "headers"; readonly name: string; readonly values: string[] }
  | { readonly kind: "environ"; readonly name: string; readonly value: string | RegExp | null }
  | { readonly kind: "body"; readonly value: string | RegExp }
  | { readonly kind: "body-length"; readonly length: number }
  | { readonly kind: "input"; readonly value: string }
  | { readonly kind: "input-length"; readonly length: number }
  | { readonly kind: "framing"; readonly framing: string };

/** What one response must be. */
export interface ExpectedResponse {
  readonly status: number;
  /** Reason phrase, `undefined` for any. */
  readonly reason: string | undefined;
  /** Statuses of the interim responses before it. */
  readonly interim: number[];
  /** Answers a HEAD request: no body follows whatever the headers say. */
  readonly head: boolean;
  /** The connection must end before the body does. */
  readonly truncated: boolean;
  readonly assertions: Assertion[];
}

/** What must come back for a `.request` file. */
export interface Expectation {
  /** Further arguments of `start-server`. */
  readonly server: string;
  readonly responses: ExpectedResponse[];
  /** What becomes of the connection. */
  readonly connection: "open" | "closed";
}

/** Reads an `.expect` file; README.md in this folder tells its syntax. */
export function parseExpectFile(text: string): Expectation {
  let server = "";
  let connection: Expectation["connection"] | undefined;
  const responses: ExpectedResponse[] = [];
  for (const line of text.split(/\r?\n/)) {
    if (line === "" || line.startsWith("#")) continue;
    const [word, rest] = cut(line, " ");
    if (word === "server") server = rest;
    else if (word === "open" || word === "closed") connection = word;
    else if (word === "status") {
      const [status, reason] = cut(rest, " ");
      responses.push({
        status: number(status),
        reason: reason === "" ? undefined : unescape(reason),
        interim: [],
        head: false,
        truncated: false,
        assertions: [],
      });
    } else {
      const response = responses.at(-1) as Mutable<ExpectedResponse> | undefined;
      if (response === undefined) throw new SyntaxError(`"${line}" before any status`);
      if (word === "interim") response.interim.push(number(rest));
      else if (word === "head") response.head = true;
      else if (word === "truncated") response.truncated = true;
      else response.assertions.push(assertion(word, rest));
    }
  }
  if (connection === undefined) throw new SyntaxError("neither open nor closed");
  return { server, responses, connection };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function assertion(word: string, rest: string): Assertion {
  switch (word) {
    case "header":
    case "environ": {
      const match = /^(\S+) (=|~) ?(.*)$/s.exec(rest);
      if (match === null) throw new SyntaxError(`not NAME = VALUE or NAME ~ PATTERN: ${rest}`);
      return { kind: word, name: match[1]!, value: value(match[2]!, match[3]!) };
    }
    case "no": {
      const [kind, name] = cut(rest, " ");
      if (kind !== "header" && kind !== "environ") throw new SyntaxError(`no ${kind}?`);
      return { kind, name, value: null };
    }
    case "headers": {
      const [name, values] = cut(rest, " = ");
      return { kind: "headers", name, values: values.split(" | ").map(unescape) };
    }
    case "body": {
      const [sign, text] = cut(rest, " ");
      if (sign !== "=" && sign !== "~") throw new SyntaxError(`body ${rest}?`);
      return { kind: "body", value: value(sign, text) };
    }
    case "input":
      return { kind: "input", value: unescape(rest.replace(/^= ?/, "")) };
    case "body-length":
    case "input-length":
      return { kind: word, length: number(rest) };
    case "framing":
      return { kind: "framing", framing: rest };
    default:
      throw new SyntaxError(`unknown expectation ${word}`);
  }
}

function value(sign: string, text: string): string | RegExp {
  return sign === "~" ? new RegExp(text, "s") : unescape(text);
}

function number(text: string): number {
  if (!/^\d+$/.test(text)) throw new SyntaxError(`not a number: ${text}`);
  return Number(text);
}

function cut(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + separator.length)];
}
