/**
 * The path of a request target as an application sees it: percent-decoded to one character a byte
 * (PEP 3333, "URL Reconstruction" and "A Note on String Types"), without dot segments (RFC 3986
 * section 5.2.4) and with single slashes, as Apache hands it to mod_wsgi.
 */

/** What needs more than the path as it stands: an escape, a double slash, a segment that starts with a dot. */
const NEEDS_WORK = /%|\/[./]/;
const ESCAPE = /%([0-9A-Fa-f]{2})?/g;
const SLASHES = /\/{2,}/g;

/**
 * Decodes and normalises the path part of a target, which starts with a slash. It is `""`
 * where there can be nothing, for an encoded slash or NUL (Apache's `AllowEncodedSlashes Off`), and
 * `undefined` where it is malformed: an escape that isn't two hexadecimal digits, a path above the root.
 */
export function requestPath(path: string): string | undefined {
  return NEEDS_WORK.test(path) ? normalise(path) : path;
}

function normalise(path: string): string | undefined {
  let malformed = false;
  let absent = false;
  const decoded = path.replace(ESCAPE, (_, digits: string | undefined) => {
    if (digits === undefined) {
      malformed = true;
      return "";
    }
    const code = parseInt(digits, 16);
    if (code === 0 || code === 47) absent = true;
    return String.fromCharCode(code);
  });
  if (malformed) return undefined;
  if (absent) return "";
  const merged = decoded.replace(SLASHES, "/");
  return merged.includes("/.") ? withoutDotSegments(merged) : merged;
}

function withoutDotSegments(path: string): string | undefined {
  const kept: string[] = [];
  const segments = path.split("/");
  const last = segments.length - 1;
  // The first segment is the empty text before the first slash.
  for (let index = 1; index <= last; index++) {
    const segment = segments[index]!;
    if (segment === "." || segment === "..") {
      if (segment === ".." && kept.pop() === undefined) return undefined;
      if (index === last) kept.push("");
    } else {
      kept.push(segment);
    }
  }
  return "/" + kept.join("/");
}
