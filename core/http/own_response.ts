/**
 * The answers that no application gives, as they go out.
 *
 * @module
 */
import {
  planResponse,
  type ResponsePlan,
  type ResponseRequest,
  writeResponse,
} from "../wsgi/response.ts";
import type { ServerResponse } from "./error_page.ts";

/** A whole response, ready to be written. */
export interface OwnResponse {
  readonly plan: ResponsePlan;
  readonly bytes: Uint8Array;
  /** How many of them are the body. */
  readonly bodyBytes: number;
}

/** More than the lines that are added to a head. */
const ADDED_BYTES = 512;

/** `page` as the answer to `request`. */
export function ownResponse(request: ResponseRequest, page: ServerResponse): OwnResponse {
  const facts = { status: page.status, contentLength: -1, complete: true, close: false, given: 0 };
  const plan = planResponse(request, facts, page.body.length);
  const source = new Uint8Array(page.head.length + page.body.length);
  source.set(page.head);
  source.set(page.body, page.head.length);
  const headEnd = page.head.length;
  const target = new Uint8Array(source.length + ADDED_BYTES);
  const end = writeResponse(
    plan,
    source,
    0,
    headEnd,
    headEnd,
    source.length,
    Date.now(),
    target,
    0,
  );
  return {
    plan,
    bytes: target.subarray(0, end),
    bodyBytes: request.method === "HEAD" ? 0 : page.body.length,
  };
}
