/**
 * Embedded mode: an application process accepts connections itself, from the listening socket that all of them inherit.
 *
 * With several threads requests go through a queue of the process's own to its worker threads; with one thread the
 * process calls the application directly.
 *
 * @module
 */
import { Reception } from "../gateway/reception.ts";
import type { GatewayObserver } from "../gateway/scoreboard.ts";
import { scoreboardPath, ScoreboardWriter } from "../gateway/scoreboard_file.ts";
import { Front } from "../http/front.ts";
import { HttpService } from "../http/service.ts";
import type { Logs } from "../log/open.ts";
import { type LocalSocket, openProcessSocket } from "../net/local_socket.ts";
import { resolveHost } from "../net/resolve_host.ts";
import type { Listener, LocalAddress, Stream, Transport } from "../net/transport.ts";
import type { Plan } from "../plan.ts";
import { Acceptor, type Occupation } from "./acceptor.ts";
import { DirectTaker } from "./direct.ts";
import { canShareMemory, openMemoryTrunk, type SharedMemory } from "./memory_trunk.ts";
import { OwnListener } from "./own_listener.ts";
import type { PythonHalf } from "./python_half.ts";
import type { ProcessSetup, Summons } from "./setup.ts";

/** How long answers that are written may still take to reach their clients at the end. */
const LAST_ANSWERS_MS = 1000;

/** How the requests of a process get to Python. */
interface Way {
  readonly http: HttpService;
  /** Where worker threads connect to. */
  readonly address: LocalAddress | undefined;
  /** What it shares with worker threads. */
  readonly memory: SharedMemory | undefined;
  /** The direct call, where that is the way. */
  readonly direct: DirectTaker | undefined;
  readonly occupation: Occupation;
  /** To be set: the occupation has changed. */
  onOccupationChanged: () => void;
  /** The application is loaded: requests may come. */
  begin(): void;
  /** No request is started from now on. */
  refuseWaiting(): void;
  close(): void;
}

/** HTTP and listener of one process. */
export class EmbeddedFront {
  #way: Way;
  #transport: Transport;
  #plan: Plan;
  /** Undefined where no socket can be inherited. */
  #listenerFd: number | undefined;
  #listener: Listener | undefined;
  #logs: Logs;
  /** When the process is cut at the latest, once it has been told to end. */
  #stopBy = Infinity;

  private constructor(
    way: Way,
    transport: Transport,
    logs: Logs,
    { plan, listenerFd }: ProcessSetup,
  ) {
    this.#way = way;
    this.#transport = transport;
    this.#logs = logs;
    this.#plan = plan;
    this.#listenerFd = listenerFd;
  }

  /**
   * Prepares it, as the user that the application runs as: that one may write to the folder of the sockets. Nothing is
   * accepted before `serve`. `onReplacementWanted` gets the reason.
   */
  static async open(
    setup: ProcessSetup,
    summons: Summons,
    transport: Transport,
    logs: Logs,
    onReplacementWanted: (reason: string) => void,
  ): Promise<EmbeddedFront> {
    const { plan } = setup;
    const { gateway, instance } = summons;
    const scoreboard = plan.application.serverMetrics
      ? new ScoreboardWriter(scoreboardPath(gateway, plan.server.root, instance))
      : undefined;
    const way = servesDirectly(plan, transport)
      ? directWay(plan, transport, logs, scoreboard, onReplacementWanted)
      : await threadedWay(plan, summons, transport, logs, scoreboard, onReplacementWanted);
    return new EmbeddedFront(way, transport, logs, setup);
  }

  /** Where the worker threads connect to; undefined where there are none. */
  get address(): LocalAddress | undefined {
    return this.#way.address;
  }

  /** The memory that requests and answers pass through; undefined where that is a socket. */
  get memory(): SharedMemory | undefined {
    return this.#way.memory;
  }

  /** Address of the function that Python calls where the client may be slow; undefined where threads do that. */
  get directFunction(): number | undefined {
    const callback = this.#way.direct?.callback;
    return callback && Number(Deno.UnsafePointer.value(callback.pointer));
  }

  /** Python has started; it must hold the GIL. */
  connect(half: PythonHalf): void {
    this.#way.direct?.connect(half);
  }

  /** The application is loaded: accepts from now on, no more connections than there is room for. */
  async serve(): Promise<void> {
    const way = this.#way;
    const accept = (stream: Stream) => way.http.accept(stream);
    way.begin();
    const { listener, processes } = this.#plan;
    if (this.#listenerFd === undefined) {
      const { host, port, backlog } = listener;
      const options = { hostname: await resolveHost(host ?? ""), port, backlog };
      this.#listener = await OwnListener.open(this.#transport, options, accept);
    } else if (processes.count > 1 && this.#transport.name === "epoll") {
      const acceptor = await Acceptor.open(
        this.#transport,
        this.#listenerFd,
        way.occupation,
        accept,
      );
      way.onOccupationChanged = () => acceptor.update();
      // A request may have been served before anybody listened to its end.
      acceptor.update();
      this.#listener = acceptor;
    } else {
      this.#listener = await this.#transport.adoptListener(this.#listenerFd, accept);
    }
    way.http.limit(this.#listener);
  }

  /** Accepts no more, lets the requests finish, and resolves when none is left. */
  drain(): Promise<void> {
    this.#listener?.close();
    return this.#way.http.drainGently();
  }

  /** The end begins: nothing new is started. */
  stop(): void {
    this.#stopBy = performance.now() + this.#plan.timeouts.shutdown * 1000;
    this.#listener?.close();
    void this.#way.http.drain();
    this.#way.refuseWaiting();
  }

  /** All requests are done: sends what is written, then closes. */
  async close(): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    // Python's own end has to fit into --shutdown-timeout too.
    const limit = Math.min(LAST_ANSWERS_MS, (this.#stopBy - performance.now()) / 2);
    const late = new Promise<void>((resolve) => timer = setTimeout(resolve, Math.max(limit, 0)));
    await Promise.race([this.#way.http.drain(), late]);
    clearTimeout(timer);
    this.#way.close();
    this.#logs.close();
  }
}

/** Whether requests need no hop between threads. Waiting with a client takes the calls of the epoll transport. */
function servesDirectly(plan: Plan, transport: Transport): boolean {
  return plan.processes.threads === 1 && transport.name === "epoll" &&
    plan.application.applicationGroup === "";
}

function directWay(
  plan: Plan,
  transport: Transport,
  { errorLog, accessLog }: Logs,
  scoreboard: GatewayObserver | undefined,
  onReplacementWanted: (reason: string) => void,
): Way {
  const direct = new DirectTaker(transport, {
    onRefused: onReplacementWanted,
    onServed: () => way.onOccupationChanged(),
  });
  direct.observer = scoreboard;
  const http = new HttpService(plan, transport, direct, errorLog, accessLog);
  const way: Way = {
    http,
    address: undefined,
    memory: undefined,
    direct,
    // While a request runs this thread does not look at its listening socket.
    occupation: direct,
    onOccupationChanged() {},
    begin() {},
    refuseWaiting() {},
    close: () => http.close(),
  };
  return way;
}

async function threadedWay(
  plan: Plan,
  summons: Summons,
  transport: Transport,
  logs: Logs,
  scoreboard: GatewayObserver | undefined,
  onReplacementWanted: (reason: string) => void,
): Promise<Way> {
  const front = new Front(plan, transport, logs, {
    onReplacementWanted: (_instance, reason) => onReplacementWanted(reason),
    onDrained() {},
    onLoadChanged: () => way.onOccupationChanged(),
  });
  const { http, gateway } = front;
  gateway.observer = scoreboard;
  gateway.announce(summons.instance);
  const reception = new Reception(summons.secret, gateway, (_, control) => control.close());
  const socket: LocalSocket = await openProcessSocket(
    summons.gateway,
    `process-${summons.instance}`,
    transport,
    (stream) => reception.receive(stream),
  );
  const trunk = canShareMemory(transport)
    ? openMemoryTrunk(
      transport,
      gateway,
      summons.instance,
      gateway.work(summons.instance),
    )
    : undefined;
  if (trunk !== undefined) gateway.addChannel(trunk.channel);
  const way: Way = {
    http,
    address: socket.address,
    memory: trunk?.memory,
    direct: undefined,
    occupation: {
      get requests() {
        const { waiting, running } = gateway.status;
        return waiting + running;
      },
      threads: plan.processes.threads,
    },
    onOccupationChanged() {},
    begin: () => gateway.accept(summons.instance),
    refuseWaiting: () => gateway.refuseWaiting(503),
    close() {
      front.close();
      socket.close();
    },
  };
  return way;
}
