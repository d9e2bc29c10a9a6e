/** The path of a `file:` URL, in the form of the operating system; `node:url` has the same and costs a start several milliseconds. */
export function fromFileUrl(url: string, windows = Deno.build.os === "windows"): string {
  const { pathname, hostname } = new URL(url);
  const path = decodeURIComponent(pathname);
  if (!windows) return path;
  const local = path.replaceAll("/", "\\");
  return hostname === "" ? local.replace(/^\\(?=[A-Za-z]:)/, "") : `\\\\${hostname}${local}`;
}
