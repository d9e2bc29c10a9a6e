/**
 * The trunk between the event loop and the worker threads of one process: memory instead of a socket.
 *
 * @module
 */
import { Channel, type ChannelOwner } from "../gateway/channel.ts";
import type { ProcessWork } from "../gateway/pool.ts";
import type { EpollTransport } from "../net/epoll/transport.ts";
import { MemoryStream } from "../net/memory_stream.ts";
import type { Transport } from "../net/transport.ts";

/** What Python is given of it. */
export interface SharedMemory {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly bells: {
    /** Descriptor of the eventfd that a thread reads which has nothing to do. */
    readonly reader: number;
    /** That of the one that wakes the event loop. */
    readonly loop: number;
  };
}

/** Whether the event loop and this machine's memory are fit for it. */
export function canShareMemory(transport: Transport): transport is EpollTransport {
  return transport.name === "epoll" && Deno.build.arch === "x86_64";
}

/**
 * Makes the trunk.
 *
 * @param work the requests that Python has, and how many it has answered.
 */
export function openMemoryTrunk(
  transport: EpollTransport,
  owner: ChannelOwner,
  instance: number,
  work: ProcessWork,
): { channel: Channel; memory: SharedMemory } {
  const { reactor } = transport;
  const reader = reactor.newBell();
  const stream = new MemoryStream({
    ringReader: () => reactor.ring(reader),
    after: (delay, task) => transport.after(delay, task),
    get running() {
      return work.running;
    },
    get answered() {
      return work.answered;
    },
  });
  const loop = reactor.look(stream);
  const channel = new Channel(stream, owner, instance, 0);
  return { channel, memory: { bytes: stream.memory, bells: { reader, loop } } };
}
