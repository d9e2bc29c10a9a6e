/** Every stage of a request at which a client may leave; for `tests/apps/mixed.wsgi`. */

import { type Connection, requestBytes } from "./http_client.ts";

/** What a client does before it leaves, by the name of the stage. */
export const ABORTS: Record<
  string,
  (connection: Connection, server: { url: string }) => Promise<void>
> = {
  "after connecting": async () => {},
  "inside the request line": (connection) => connection.send("GET /pi"),
  "inside the headers": (connection) => connection.send("GET /pid HTTP/1.1\r\nHost: a\r\nX-"),
  "after the request": (connection, server) =>
    connection.send(requestBytes(server.url, "/sized?size=3000000")),
  "inside a body that is read": (connection) =>
    connection.send("POST /tolerant HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nabc"),
  "inside a body that nobody reads": (connection) =>
    connection.send("POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nabc"),
  "while 100 Continue is awaited": (connection) =>
    connection.send(
      "POST /tolerant HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n",
    ),
  "inside a streamed response": async (connection, server) => {
    await connection.send(requestBytes(server.url, "/endless"));
    await connection.readHead();
  },
  "inside pipelined requests": async (connection, server) => {
    const one = requestBytes(server.url, "/sized?size=100000", { keepAlive: true });
    for (let number = 0; number < 10; number++) await connection.send(one);
    await connection.readResponse();
  },
  "after a kept response": async (connection, server) => {
    await connection.send(requestBytes(server.url, "/pid", { keepAlive: true }));
    await connection.readResponse();
  },
};
