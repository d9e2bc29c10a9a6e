/**
 * The control connection between the server process and an application process: JSON objects as frames, both ways.
 *
 * Its end means that the other process is gone.
 *
 * @module
 */
import type { BlockingStream, Stream, StreamHandler } from "../net/transport.ts";
import type { ServerMetrics } from "./scoreboard.ts";
import { FRAME_HEADER_SIZE, FrameReader, FrameType, writeFrameHeader } from "./frames.ts";

/** Application process to server process. */
export type ProcessMessage =
  /** The application is loaded, or failed to in a way that a request will meet; threads are connected. */
  | { readonly type: "ready" }
  /** The process asks to be replaced; `handover` lets it serve until its successor is ready. */
  | { readonly type: "replace"; readonly reason: string; readonly handover: boolean }
  /** The system ends all programs of the terminal. The server may hear of it later than its processes. */
  | { readonly type: "terminal_end" }
  /** Embedded mode: no request is running any more. */
  | { readonly type: "drained" }
  /** The answer to `ping`, given by Python. */
  | { readonly type: "pong" }
  /** What `mod_wsgi.server_metrics()` gives is wanted. */
  | { readonly type: "server_metrics" }
  /** Something for the error log that may be true of all processes. */
  | { readonly type: "notice"; readonly text: string };

/** Server process to application process. */
export type ServerMessage<Setup> =
  /** First message: all that the process needs to know. */
  | { readonly type: "setup"; readonly setup: Setup }
  /** Embedded mode: accept no more connections, finish the running requests, and report. */
  | { readonly type: "drain" }
  /** End: shutdown callbacks, running requests, threads, exit. */
  | { readonly type: "stop"; readonly reason: string }
  /** Write the stacks of all threads to the error log. */
  | { readonly type: "dump" }
  /** The answer to `server_metrics`; null where the server does not keep them. */
  | { readonly type: "server_metrics"; readonly metrics: ServerMetrics | null }
  /** Is to be answered with `pong` by Python, which takes the GIL for it. */
  | { readonly type: "ping" };

/** One end of a control connection. */
export class ControlConnection<Incoming, Outgoing> implements StreamHandler {
  onMessage: (message: Incoming) => void = () => {};
  onClosed: () => void = () => {};
  #stream: Stream;
  #reader = new FrameReader();

  constructor(stream: Stream) {
    this.#stream = stream;
    stream.handler = this;
  }

  send(message: Outgoing): void {
    const text = new TextEncoder().encode(JSON.stringify(message));
    const frame = new Uint8Array(FRAME_HEADER_SIZE + text.length);
    writeFrameHeader(frame, 0, FrameType.MESSAGE, text.length);
    frame.set(text, FRAME_HEADER_SIZE);
    this.#stream.write(frame, 0, frame.length);
  }

  /** Stops and starts reading: somebody else reads meanwhile. */
  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  /** The descriptor of its socket, where the transport has such. */
  get fd(): number | undefined {
    return (this.#stream as Partial<BlockingStream>).fd;
  }

  close(): void {
    this.#stream.close();
  }

  onData(buffer: Uint8Array, start: number, end: number): void {
    this.#reader.push(buffer, start, end, (type, payload, from, to) => {
      if (type !== FrameType.MESSAGE) return;
      this.onMessage(JSON.parse(new TextDecoder().decode(payload.subarray(from, to))));
    });
  }

  onEnd(): void {
    this.#stream.close();
  }

  onDrain(): void {}

  onClose(): void {
    this.onClosed();
  }
}
