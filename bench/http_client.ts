/** A small HTTP/1.1 client on raw sockets: readiness, start-up time, uploads, downloads and idle connections. */

const CRLF = "\r\n";

/** What a response said before its body, and the bytes of the body that came with it. */
export interface ResponseHead {
  status: number;
  headers: Map<string, string>;
  rest: Uint8Array;
}

/** Writes every byte; `Deno.Conn.write` may take only some. */
export async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) {
    sent += await connection.write(bytes.subarray(sent));
  }
}

/** The bytes of a request head; `headers` are added to `Host`. */
export function requestHead(
  method: string,
  path: string,
  headers: Record<string, string> = {},
): Uint8Array<ArrayBuffer> {
  const lines = [`${method} ${path} HTTP/1.1`, "Host: 127.0.0.1"];
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  return new TextEncoder().encode(lines.join(CRLF) + CRLF + CRLF);
}

/** Reads up to the empty line after the response headers. Throws when the connection ends before it. */
export async function readHead(connection: Deno.Conn): Promise<ResponseHead> {
  let received: Uint8Array = new Uint8Array(0);
  const buffer = new Uint8Array(16384);
  while (true) {
    const count = await connection.read(buffer);
    if (count === null) throw new Error("the connection ended before the response headers did");
    received = concatenate(received, buffer.subarray(0, count));
    const text = new TextDecoder().decode(received);
    const end = text.indexOf(CRLF + CRLF);
    if (end < 0) continue;
    const [statusLine, ...lines] = text.slice(0, end).split(CRLF);
    const headers = new Map(lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }));
    return { status: Number(statusLine?.split(" ")[1]), headers, rest: received.slice(end + 4) };
  }
}

/** Counts the bytes until the other side closes. */
export async function countToEnd(connection: Deno.Conn): Promise<number> {
  const buffer = new Uint8Array(1 << 20);
  let total = 0;
  while (true) {
    const count = await connection.read(buffer);
    if (count === null) return total;
    total += count;
  }
}

/** One GET on a connection of its own: the status and the whole body as text. */
export async function get(port: number, path: string): Promise<{ status: number; body: string }> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  try {
    await writeAll(connection, requestHead("GET", path, { Connection: "close" }));
    const { status, rest } = await readHead(connection);
    return {
      status,
      body: new TextDecoder().decode(concatenate(rest, await readToEnd(connection))),
    };
  } finally {
    connection.close();
  }
}

/** Every byte until the other side closes. */
export async function readToEnd(connection: Deno.Conn): Promise<Uint8Array> {
  let all: Uint8Array = new Uint8Array(0);
  const buffer = new Uint8Array(16384);
  while (true) {
    const count = await connection.read(buffer);
    if (count === null) return all;
    all = concatenate(all, buffer.subarray(0, count));
  }
}

function concatenate(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
