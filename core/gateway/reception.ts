/**
 * Receives the connections of application processes: reads the first frame, which must know this launch's secret, and
 * makes a channel or a control connection of it.
 *
 * @module
 */
import type { Stream } from "../net/transport.ts";
import { Channel } from "./channel.ts";
import { ControlConnection, type ProcessMessage, type ServerMessage } from "./control.ts";
import {
  FRAME_HEADER_SIZE,
  FrameReader,
  FrameType,
  readUint32,
  writeFrameHeader,
  writeUint32,
} from "./frames.ts";
import type { Gateway } from "./gateway.ts";

/** Length of the secret: ASCII characters. */
export const SECRET_LENGTH = 32;
/** A first frame never is longer. */
const HELLO_SIZE = SECRET_LENGTH + 12;
const CONTROL_HELLO_SIZE = SECRET_LENGTH + 4;

/** The server process's end of a control connection. */
export type ProcessControl<Setup> = ControlConnection<ProcessMessage, ServerMessage<Setup>>;

/** A secret for one launch: 128 bits as hexadecimal digits. */
export function newSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(SECRET_LENGTH / 2));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The first frame on a control connection. */
export function controlHello(secret: string, instance: number): Uint8Array {
  const frame = new Uint8Array(5 + SECRET_LENGTH + 4);
  writeFrameHeader(frame, 0, FrameType.CONTROL, SECRET_LENGTH + 4);
  frame.set(new TextEncoder().encode(secret), 5);
  writeUint32(frame, 5 + SECRET_LENGTH, instance);
  return frame;
}

/** Takes the connections of the gateway's listening socket. */
export class Reception<Setup> {
  #secret: Uint8Array;
  #gateway: Gateway | undefined;
  #onControl: (instance: number, control: ProcessControl<Setup>) => void;

  constructor(
    secret: string,
    gateway: Gateway | undefined,
    onControl: (instance: number, control: ProcessControl<Setup>) => void,
  ) {
    this.#secret = new TextEncoder().encode(secret);
    this.#gateway = gateway;
    this.#onControl = onControl;
  }

  /** Reads who connected; closes on anyone else. */
  receive(stream: Stream): void {
    const reader = new FrameReader(HELLO_SIZE);
    stream.handler = {
      onData: (buffer, start, end) => {
        if (end - start > HELLO_SIZE + FRAME_HEADER_SIZE) return stream.close();
        try {
          reader.push(buffer, start, end, (type, payload, from, to) => {
            if (!this.#admit(stream, type, payload, from, to)) stream.close();
          });
        } catch (error) {
          // It announced more than a first frame may have: nothing of ours.
          stream.close();
          if (!(error instanceof RangeError)) throw error;
        }
      },
      onEnd: () => stream.close(),
      onDrain() {},
      onClose() {},
    };
  }

  #admit(stream: Stream, type: number, buffer: Uint8Array, start: number, end: number): boolean {
    const expected = type === FrameType.HELLO ? HELLO_SIZE : CONTROL_HELLO_SIZE;
    if (end - start !== expected || !this.#knows(buffer, start)) return false;
    const instance = readUint32(buffer, start + SECRET_LENGTH);
    if (type === FrameType.HELLO) {
      if (this.#gateway === undefined) return false;
      const thread = readUint32(buffer, start + SECRET_LENGTH + 4);
      const nativeId = readUint32(buffer, start + SECRET_LENGTH + 8);
      this.#gateway.addChannel(new Channel(stream, this.#gateway, instance, thread, nativeId));
      return true;
    }
    if (type !== FrameType.CONTROL) return false;
    this.#onControl(instance, new ControlConnection(stream));
    return true;
  }

  /** Compares in constant time. */
  #knows(buffer: Uint8Array, start: number): boolean {
    let difference = 0;
    for (let index = 0; index < SECRET_LENGTH; index++) {
      difference |= buffer[start + index]! ^ this.#secret[index]!;
    }
    return difference === 0;
  }
}
