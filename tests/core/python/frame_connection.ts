import { Buffer } from "node:buffer";
import { withDeadline } from "./deadline.ts";
import type { Frame } from "./frames.ts";

/** The gateway's end of a connection of the application process, frame by frame. */
export class FrameConnection {
  readonly #connection: Deno.Conn;
  #buffered = Buffer.alloc(0);
  /** Number of reads that brought something; shows how many sends an answer took. */
  reads = 0;

  constructor(connection: Deno.Conn) {
    this.#connection = connection;
  }

  /** The next frame, undefined at the end of the connection. */
  async frame(): Promise<Frame | undefined> {
    if (!await this.#fill(5)) return undefined;
    const length = this.#buffered.readUInt32LE(1);
    if (!await this.#fill(5 + length)) return undefined;
    const frame = {
      type: this.#buffered.toString("latin1", 0, 1),
      payload: this.#buffered.subarray(5, 5 + length),
    };
    this.#buffered = this.#buffered.subarray(5 + length);
    return frame;
  }

  async #fill(size: number): Promise<boolean> {
    while (this.#buffered.length < size) {
      const part = new Uint8Array(262144);
      const count = await this.#connection.read(part).catch(() => null);
      if (count === null) return false;
      this.reads += 1;
      this.#buffered = Buffer.concat([this.#buffered, part.subarray(0, count)]);
    }
    return true;
  }

  /** Sends bytes, whole frames or parts of one. */
  async send(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      at += await withDeadline(this.#connection.write(bytes.subarray(at)), "room to send");
    }
  }

  close(): void {
    try {
      this.#connection.close();
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
  }
}
