/** A client with a memory for cookies, for tests of web frameworks. */

import type { Response, Server } from "../blackbox/harness.ts";

/** One visitor of a site. */
export class Browser {
  readonly cookies = new Map<string, string>();

  constructor(readonly server: Server) {}

  get(path: string): Promise<Response> {
    return this.#request(path, "GET", {});
  }

  /** Sends a form as a browser does, with the CSRF token of Django when there is one. */
  post(path: string, fields: Record<string, string>): Promise<Response> {
    const form = new URLSearchParams(fields);
    const token = this.cookies.get("csrftoken");
    if (token !== undefined) form.set("csrfmiddlewaretoken", token);
    return this.#request(path, "POST", {
      "Content-Type": "application/x-www-form-urlencoded",
    }, form.toString());
  }

  /** Uploads a file in a multipart form. */
  async upload(path: string, form: FormData): Promise<Response> {
    const encoded = new globalThis.Response(form);
    const body = new Uint8Array(await encoded.arrayBuffer());
    return await this.#request(path, "POST", {
      "Content-Type": encoded.headers.get("content-type")!,
    }, body);
  }

  async #request(
    path: string,
    method: string,
    headers: Record<string, string>,
    body?: string | Uint8Array,
  ): Promise<Response> {
    if (this.cookies.size > 0) {
      headers.Cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    }
    const response = await this.server.request(path, {
      method,
      headers: { ...headers, Referer: this.server.url },
      body,
    });
    for (const cookie of response.all("set-cookie")) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie)!;
      if (/max-age=0|1970/i.test(cookie)) this.cookies.delete(name!);
      else this.cookies.set(name!, value!);
    }
    return response;
  }
}
