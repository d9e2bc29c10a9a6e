/** A temporary folder that a test and its application share. */

import { until } from "./deadline.ts";

/** Removed at the end of the scope: `using folder = new Folder()`. */
export class Folder implements Disposable {
  readonly path: string;

  constructor() {
    this.path = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "wsgi-express-test-" }));
  }

  /** For the `env` of a server: how `tests/apps/routing.py` finds the folder. */
  get env(): Record<string, string> {
    return { TEST_FOLDER: this.path };
  }

  /** Absolute path of `name` inside. */
  file(name: string): string {
    return `${this.path}/${name}`;
  }

  /**
   * Writes a file in one step (no reader sees half of it) and gives its path. Its time of modification
   * differs from that of the file it replaces, however coarse the clock of the file system is.
   */
  write(name: string, text: string | Uint8Array = ""): string {
    const path = this.file(name);
    const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
    Deno.writeFileSync(`${path}.new`, bytes);
    const before = modified(path);
    if (before !== undefined && modified(`${path}.new`)! <= before) {
      Deno.utimeSync(`${path}.new`, new Date(), new Date(before + 1000));
    }
    Deno.renameSync(`${path}.new`, path);
    return path;
  }

  /** The text of a file, or "" when there is none. */
  read(name: string): string {
    try {
      return Deno.readTextFileSync(this.file(name));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return "";
      throw error;
    }
  }

  /** Lines that applications noted in a file, with whatever ends a line on the system. */
  notes(name: string): string[] {
    return this.read(name).split(/\r?\n/).slice(0, -1);
  }

  /** Waits until a file has at least `count` lines, and gives them. */
  waitForNotes(name: string, count = 1): Promise<string[]> {
    return until(() => {
      const found = this.notes(name);
      return found.length >= count && found;
    }, `${count} lines in ${name}`);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

/** Time of modification in milliseconds since the epoch. */
function modified(path: string): number | undefined {
  try {
    return Deno.statSync(path).mtime!.getTime();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
