/**
 * The connection to the Python half's manager thread in this process: JSON objects, one a line.
 *
 * @module
 */
import type { ServerMessage } from "../gateway/control.ts";
import type { ServerMetrics } from "../gateway/scoreboard.ts";
import type { LocalAddress, Stream, Transport } from "../net/transport.ts";

/** To Python. */
export type ManagerCommand =
  | { readonly type: "stop"; readonly reason: string }
  | { readonly type: "dump" }
  | { readonly type: "server_metrics"; readonly metrics: ServerMetrics | null }
  | { readonly type: "ping" };

/** From Python. */
export type ManagerReport =
  | { readonly type: "ready"; readonly loaded: boolean }
  | { readonly type: "pong" }
  /** What `mod_wsgi.server_metrics()` gives is wanted. */
  | { readonly type: "server_metrics" }
  /** The process is to be replaced; `handover`: it serves until its successor is ready. */
  | { readonly type: "restart"; readonly reason: string; readonly handover: boolean }
  /** Embedded mode with one thread: the server said this, and Python has done its part of it. */
  | { readonly type: "relayed"; readonly message: ServerMessage<never> }
  /** Shutdown callbacks have run and no request is running: the interpreter may be finalized. */
  | { readonly type: "stopped" };

/** Our end. */
export class ManagerConnection {
  onMessage: (report: ManagerReport) => void = () => {};
  #stream: Stream;
  #text = "";

  private constructor(stream: Stream) {
    this.#stream = stream;
    const decoder = new TextDecoder();
    stream.handler = {
      onData: (buffer, start, end) => {
        const lines = (this.#text + decoder.decode(buffer.subarray(start, end), { stream: true }))
          .split("\n");
        this.#text = lines.pop()!;
        for (const line of lines) this.onMessage(JSON.parse(line));
      },
      onEnd: () => stream.close(),
      onDrain() {},
      onClose() {},
    };
  }

  /** Opens it; the address is where the manager thread connects to. */
  static async open(transport: Transport): Promise<readonly [ManagerConnection, LocalAddress]> {
    const [stream, address] = await transport.pair();
    return [new ManagerConnection(stream), address];
  }

  send(command: ManagerCommand): void {
    const bytes = new TextEncoder().encode(JSON.stringify(command) + "\n");
    this.#stream.write(bytes, 0, bytes.length);
  }
}
