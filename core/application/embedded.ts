/**
 * Embedded mode: an application process accepts connections itself, from the listening socket that all of them inherit.
 *
 * @module
 */
import { Reception } from "../gateway/reception.ts";
import { Front } from "../http/front.ts";
import type { Logs } from "../log/open.ts";
import { type LocalSocket, openSocketBeside } from "../net/local_socket.ts";
import type { Listener, LocalAddress, Transport } from "../net/transport.ts";
import type { ProcessSetup, Summons } from "./setup.ts";

/** How long answers that are written may still take to reach their clients at the end. */
const LAST_ANSWERS_MS = 1000;

/** HTTP, queue and listener of one process. */
export class EmbeddedFront {
  #front: Front;
  #transport: Transport;
  #listenerFd: number;
  #listener: Listener | undefined;
  #instance: number;
  #socket: LocalSocket;

  private constructor(
    front: Front,
    transport: Transport,
    listenerFd: number,
    instance: number,
    socket: LocalSocket,
  ) {
    this.#front = front;
    this.#transport = transport;
    this.#listenerFd = listenerFd;
    this.#instance = instance;
    this.#socket = socket;
  }

  /** Where the worker threads connect to. */
  get address(): LocalAddress {
    return this.#socket.address;
  }

  /** Prepares it; nothing is accepted before `serve`. `onReplacementWanted` gets the reason. */
  static async open(
    { plan, listenerFd }: ProcessSetup,
    summons: Summons,
    transport: Transport,
    logs: Logs,
    onReplacementWanted: (reason: string) => void,
  ): Promise<EmbeddedFront> {
    if (listenerFd === undefined) throw new Error("embedded mode without a listening socket");
    const front = new Front(plan, transport, logs, {
      onReplacementWanted: (_instance, reason) => onReplacementWanted(reason),
      onDrained() {},
    });
    front.gateway.announce(summons.instance);
    const reception = new Reception(summons.secret, front.gateway, (_, control) => control.close());
    const socket = await openSocketBeside(
      summons.gateway,
      `process-${summons.instance}`,
      transport,
      (stream) => reception.receive(stream),
    );
    return new EmbeddedFront(front, transport, listenerFd, summons.instance, socket);
  }

  /** The application is loaded: accepts from now on, no more connections than there is room for. */
  async serve(): Promise<void> {
    const { gateway, http } = this.#front;
    gateway.accept(this.#instance);
    this.#listener = await this.#transport.adoptListener(
      this.#listenerFd,
      (stream) => http.accept(stream),
      1,
    );
    http.limit(this.#listener);
  }

  /** Accepts no more, lets the requests finish, and resolves when none is left. */
  drain(): Promise<void> {
    this.#listener?.close();
    return this.#front.http.drainGently();
  }

  /** The end begins: nothing new is started. */
  stop(): void {
    this.#listener?.close();
    void this.#front.http.drain();
    this.#front.gateway.refuseWaiting(503);
  }

  /** All requests are done: sends what is written, then closes. */
  async close(): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => timer = setTimeout(resolve, LAST_ANSWERS_MS));
    await Promise.race([this.#front.http.drain(), late]);
    clearTimeout(timer);
    this.#front.close();
    this.#socket.close();
  }
}
