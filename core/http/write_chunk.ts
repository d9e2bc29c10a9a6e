/**
 * A part of a response as a chunk (RFC 9112 section 7.1).
 *
 * @module
 */
import { DATA_MARGIN } from "../net/transport.ts";
import { CHUNK_END, CHUNK_START_BYTES, writeChunkStart } from "../wsgi/response_body.ts";

let scratch = new Uint8Array(64 * 1024);

/**
 * Calls `write` once with the chunk of `buffer[start, end)`, framed in place where there is room around it: the bytes
 * before `start` are overwritten, those behind `end` are as before when it returns.
 */
export function writeChunk(
  buffer: Uint8Array,
  start: number,
  end: number,
  write: (buffer: Uint8Array, start: number, end: number) => void,
): void {
  const length = end - start;
  if (start >= DATA_MARGIN && buffer.length - end >= CHUNK_END.length) {
    const size = writeChunkStart(length, scratch, 0);
    const from = start - size;
    buffer.set(scratch.subarray(0, size), from);
    // What stands behind the bytes is another frame, still to be read.
    const [first, second] = [buffer[end]!, buffer[end + 1]!];
    buffer.set(CHUNK_END, end);
    write(buffer, from, end + CHUNK_END.length);
    buffer[end] = first;
    buffer[end + 1] = second;
    return;
  }
  const room = length + CHUNK_START_BYTES + CHUNK_END.length;
  if (scratch.length < room) scratch = new Uint8Array(room * 2);
  const at = writeChunkStart(length, scratch, 0);
  scratch.set(buffer.subarray(start, end), at);
  scratch.set(CHUNK_END, at + length);
  write(scratch, 0, at + length + CHUNK_END.length);
}
