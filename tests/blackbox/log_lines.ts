/** The lines a server wrote, kept as they come, with a way to wait for one. */

import { DeadlineError, ORDINARY_DEADLINE } from "./deadline.ts";

/** One line without its line end. */
export interface LogLine {
  readonly stream: "stdout" | "stderr";
  readonly text: string;
}

/** What Deno writes to a terminal beside text, such as "clear this line". */
// deno-lint-ignore no-control-regex
const TERMINAL_CODES = /\x1b\[[0-9;]*[A-Za-z]/g;

interface Waiter {
  pattern: RegExp;
  from: number;
  resolve(match: RegExpExecArray): void;
  reject(error: Error): void;
  timer: ReturnType<typeof setTimeout>;
}

/** Lines of one process, complete ones only; the rest of a stream without line end counts at its end. */
export class LogLines {
  readonly lines: LogLine[] = [];
  #waiters = new Set<Waiter>();
  #openStreams = 0;
  #held: PromiseWithResolvers<void> | undefined;

  /** Reads nothing more, as a terminal that is held, until `release`. */
  hold(): void {
    this.#held ??= Promise.withResolvers();
  }

  /** Reads on. */
  release(): void {
    this.#held?.resolve();
    this.#held = undefined;
  }

  /** All texts so far, or those of one stream. */
  texts(stream?: "stdout" | "stderr"): string[] {
    return this.lines
      .filter((line) => stream === undefined || line.stream === stream)
      .map((line) => line.text);
  }

  /** Number of lines so far; give it to {@link waitFor} to look only at later lines. */
  get position(): number {
    return this.lines.length;
  }

  /** Matches of `pattern` in the lines so far. */
  matches(pattern: RegExp, from = 0): RegExpExecArray[] {
    const found: RegExpExecArray[] = [];
    for (const line of this.lines.slice(from)) {
      const match = pattern.exec(line.text);
      if (match !== null) found.push(match);
    }
    return found;
  }

  /**
   * The first line at or after position `from` that matches, now or in future.
   *
   * @throws DeadlineError when it did not come in `milliseconds`, or can't come any more.
   */
  waitFor(
    pattern: RegExp,
    milliseconds = ORDINARY_DEADLINE,
    from = 0,
  ): Promise<RegExpExecArray> {
    const found = this.matches(pattern, from)[0];
    if (found !== undefined) return Promise.resolve(found);
    if (this.#openStreams === 0) return Promise.reject(this.#failure(pattern, "output ended"));
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        pattern,
        from,
        resolve,
        reject,
        timer: setTimeout(() => {
          this.#waiters.delete(waiter);
          reject(this.#failure(pattern, `within ${milliseconds} ms`));
        }, milliseconds),
      };
      this.#waiters.add(waiter);
    });
  }

  /** Reads a stream to its end. */
  async collect(stream: "stdout" | "stderr", source: ReadableStream<Uint8Array>): Promise<void> {
    this.#openStreams += 1;
    const decoder = new TextDecoder();
    let rest = "";
    try {
      for await (const bytes of source) {
        await this.#held?.promise;
        const parts = (rest + decoder.decode(bytes, { stream: true })).split("\n");
        rest = parts.pop()!;
        for (const part of parts) this.#add(stream, part);
      }
      rest += decoder.decode();
      if (rest !== "") this.#add(stream, rest);
    } finally {
      this.#openStreams -= 1;
      if (this.#openStreams === 0) {
        for (const waiter of this.#waiters) {
          clearTimeout(waiter.timer);
          waiter.reject(this.#failure(waiter.pattern, "output ended"));
        }
        this.#waiters.clear();
      }
    }
  }

  /** The last lines, for the text of a failure. */
  tail(count = 40): string {
    return this.lines.slice(-count).map((line) => `  ${line.stream}: ${line.text}`).join("\n");
  }

  #add(stream: "stdout" | "stderr", text: string): void {
    const index = this.lines.length;
    const line = text.replace(TERMINAL_CODES, "").replace(/\r$/, "");
    this.lines.push({ stream, text: line });
    for (const waiter of this.#waiters) {
      if (index < waiter.from) continue;
      const match = waiter.pattern.exec(line);
      if (match === null) continue;
      clearTimeout(waiter.timer);
      this.#waiters.delete(waiter);
      waiter.resolve(match);
    }
  }

  #failure(pattern: RegExp, why: string): DeadlineError {
    return new DeadlineError(`no line matching ${pattern} (${why}); last lines:\n${this.tail()}`);
  }
}
