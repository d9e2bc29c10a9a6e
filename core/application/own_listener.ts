/**
 * The listening socket of an application process where it can't inherit one (Windows).
 *
 * @module
 */
import { AddressError } from "../errors.ts";
import type {
  Listener,
  ListenOptions,
  SocketAddress,
  Stream,
  Transport,
} from "../net/transport.ts";

/** How often the port is tried that the predecessor of this process still has. */
const RETRY_MS = 20;
/** A predecessor gives it up as soon as this process is ready; after that time somebody else must have taken it. */
const PATIENCE_MS = 10_000;

/** Listens as soon as the port is free. */
export class OwnListener implements Listener {
  readonly address: SocketAddress;
  readonly fd = undefined;
  #transport: Transport;
  #options: ListenOptions;
  #onStream: (stream: Stream) => void;
  #listener: Listener | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #paused = false;
  #closed = false;
  #began = performance.now();
  #complained = false;

  private constructor(
    transport: Transport,
    options: ListenOptions,
    onStream: (stream: Stream) => void,
  ) {
    this.#transport = transport;
    this.#options = options;
    this.#onStream = onStream;
    this.address = { hostname: options.hostname, port: options.port };
  }

  /** Resolves once it listens, or waits for the port. */
  static async open(
    transport: Transport,
    options: ListenOptions,
    onStream: (stream: Stream) => void,
  ): Promise<OwnListener> {
    const listener = new OwnListener(transport, options, onStream);
    await listener.#try();
    return listener;
  }

  pause(): void {
    this.#paused = true;
    this.#listener?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#listener?.resume();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#listener?.close();
  }

  async #try(): Promise<void> {
    let listener: Listener;
    try {
      listener = await this.#transport.listen(this.#options, this.#onStream);
    } catch (error) {
      this.#complain(error);
      if (!this.#closed) this.#timer = setTimeout(() => void this.#try(), RETRY_MS);
      return;
    }
    if (this.#closed) return listener.close();
    if (this.#paused) listener.pause();
    this.#listener = listener;
  }

  #complain(error: unknown): void {
    if (this.#complained) return;
    const expected = error instanceof AddressError &&
      performance.now() - this.#began < PATIENCE_MS;
    if (expected) return;
    this.#complained = true;
    this.#transport.onFault(error);
  }
}
