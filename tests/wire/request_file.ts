import { unescape } from "./escapes.ts";

/** What the client does, one after the other. */
export type Step =
  | { readonly kind: "send"; readonly text: string }
  /** Receive a whole response before going on. */
  | { readonly kind: "response" }
  /** Receive an interim response before going on. */
  | { readonly kind: "interim" }
  /** Let the server have what was sent so far as a piece of its own. */
  | { readonly kind: "split" }
  /** Say that no more will be sent. */
  | { readonly kind: "end" };

const STEPS = new Set(["response", "interim", "split", "end"]);

/**
 * Reads a `.request` file. Each line stands for its bytes and CRLF, or, with a backslash at its end,
 * for its bytes alone. A line `#! STEP` is a {@linkcode Step} other than sending.
 */
export function parseRequestFile(text: string): Step[] {
  const steps: Step[] = [];
  let pending = "";
  const flush = () => {
    if (pending !== "") steps.push({ kind: "send", text: pending });
    pending = "";
  };
  const lines = text.split(/\r?\n/);
  if (lines.pop() !== "") throw new SyntaxError("the last line does not end");
  for (const line of lines) {
    if (line.startsWith("#! ")) {
      const kind = line.slice(3).trim();
      if (!STEPS.has(kind)) throw new SyntaxError(`unknown step ${kind}`);
      flush();
      steps.push({ kind } as Step);
    } else if (/(?:^|[^\\])(?:\\\\)*\\$/.test(line)) {
      pending += unescape(line.slice(0, -1));
    } else {
      pending += unescape(line) + "\r\n";
    }
  }
  flush();
  return steps;
}
