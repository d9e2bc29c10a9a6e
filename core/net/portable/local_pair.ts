/**
 * Two connected sockets within this process: one for JavaScript, one for Python.
 *
 * @module
 */
import { createServer, Socket } from "node:net";
import { socketPair } from "../../../ffi/socket_pair.ts";
import { LoopbackSocket } from "../../../ffi/windows_sockets.ts";
import { platform } from "../../platform/platform.ts";

/**
 * Makes the pair.
 *
 * @returns JavaScript's end, and the descriptor (on Windows the handle) that Python's `socket.socket(fileno=…)` takes.
 */
export async function localPair(): Promise<readonly [Socket, number]> {
  if (!platform.unixSockets) return await loopbackPair();
  const [ours, theirs] = socketPair();
  return [new Socket({ fd: ours, allowHalfOpen: true }), theirs];
}

/**
 * Windows has no `socketpair`: a TCP connection over loopback. Other programs can connect too while the port is open, so
 * the one that counts is known by its port.
 */
async function loopbackPair(): Promise<readonly [Socket, number]> {
  const accepted = Promise.withResolvers<Socket>();
  const early: Socket[] = [];
  let expected = 0;
  const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true });
  const look = (socket: Socket) => {
    if (expected === 0) early.push(socket);
    else if (socket.remotePort === expected) accepted.resolve(socket);
    else socket.destroy();
  };
  server.on("connection", look);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: "127.0.0.1", port: 0, backlog: 16 }, resolve);
  });
  try {
    const address = server.address();
    if (typeof address !== "object" || address === null) throw new Error("no loopback port");
    const theirs = LoopbackSocket.connect(address.port);
    expected = theirs.port;
    early.forEach(look);
    return [await accepted.promise, theirs.handle];
  } finally {
    server.close();
  }
}
