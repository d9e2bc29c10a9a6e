/** The Host header and the authority of an absolute-form target (RFC 9112 section 3.2). */

/** Letters, digits, `-`, `_`, single dots between them; one dot may end the name. */
const NAME = "[0-9A-Za-z_-]+(?:\\.[0-9A-Za-z_-]+)*\\.?";
const AUTHORITY = new RegExp(`^(${NAME}|\\[[0-9A-Fa-f:.]+\\])(?::([0-9]{0,5}))?$`);
const ADDRESS_6 = /^\[(?=.*:.*:)[0-9A-Fa-f:.]{2,45}\]$/;

/** A host and port as a client names them. */
export interface Authority {
  /** Name in lower case, without a dot at its end; an IPv6 address keeps its brackets. */
  readonly name: string;
  /** Port as digits, or `""` where none was given. */
  readonly port: string;
}

/** Cuts `name:port`, or gives `undefined` where it isn't one that a server may be called by. */
export function parseAuthority(text: string): Authority | undefined {
  const match = AUTHORITY.exec(text);
  if (match === null) return undefined;
  const port = match[2] ?? "";
  if (port !== "" && (Number(port) < 1 || Number(port) > 65535)) return undefined;
  let name = match[1]!.toLowerCase();
  if (name.startsWith("[")) {
    if (!ADDRESS_6.test(name) || !URL.canParse(`http://${name}/`)) return undefined;
  } else if (name.endsWith(".")) {
    name = name.slice(0, -1);
  }
  return { name, port: port === "" ? "" : String(Number(port)) };
}
