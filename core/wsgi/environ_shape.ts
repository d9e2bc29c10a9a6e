/**
 * The names of an environ text, told apart from its values.
 *
 * Clients send the same headers in the same order again and again. A process is told such a sequence of names once; each
 * request then carries its number and the values alone, which is less to build, to send and to take apart.
 *
 * @module
 */

/** A client may make up header names; beyond this many sequences requests carry their names again. */
const MOST_NODES = 2048;
/** Connections come and go, and each may want shapes of its own. */
const MOST_CONNECTION_SHAPES = 256;
/** Characters that a shape may keep for one connection. */
const MOST_COMMON = 4096;
let nodes = 0;
let markers = 0;

/** A sequence of environ names. */
export class EnvironShape {
  readonly names: readonly string[];
  /** Last value of a text of this shape. No header value holds a control character, so it can't be mistaken. */
  readonly marker = `\x01${(++markers).toString(36)}`;
  /** What all texts of this shape have in common and leave out, as pairs: name, NUL, value, NUL …; or `""`. */
  readonly common: string;
  /** Who made it, and the requests that a process has. */
  #users = 1;
  #onUnused: ((shape: EnvironShape) => void) | undefined;

  /** `onUnused` is called when nobody uses it any more. */
  constructor(
    names: readonly string[],
    common: string,
    onUnused?: (shape: EnvironShape) => void,
  ) {
    this.names = names;
    this.common = common;
    this.#onUnused = onUnused;
  }

  /** There is one more who uses it. */
  retain(): void {
    this.#users++;
  }

  /** There is one less. */
  release(): void {
    if (--this.#users === 0) this.#onUnused?.(this);
  }

  /** Marker, names, and behind an empty name what is in common: what a process is told of it. */
  get definition(): string {
    const names = `${this.marker}\0${this.names.join("\0")}`;
    return this.common === "" ? names : `${names}\0\0${this.common}`;
  }
}

/** A place in the tree of header sequences: what follows which names. */
export class ShapeNode {
  readonly #names: readonly string[];
  readonly #next = new Map<string, ShapeNode>();
  #shape: EnvironShape | undefined;

  /** `names` so far. */
  constructor(names: readonly string[]) {
    this.#names = names;
  }

  /** The node behind one more header, by its environ key; undefined where there are too many. */
  follow(key: string): ShapeNode | undefined {
    const next = this.#next.get(key);
    if (next !== undefined || nodes >= MOST_NODES) return next;
    nodes++;
    const made = new ShapeNode([...this.#names, key]);
    this.#next.set(key, made);
    return made;
  }

  /** The shape of a text that ends here. */
  get shape(): EnvironShape {
    return this.#shape ??= new EnvironShape(this.#names, "");
  }
}

/** The shapes that connections have for themselves: their texts leave out what has not changed since the last request. */
export class ConnectionShapes {
  #count = 0;
  #unused: EnvironShape[] = [];
  #onUnused = (shape: EnvironShape) => {
    this.#count--;
    this.#unused.push(shape);
  };

  /** A new shape, to be released; undefined where there are too many, or where it would keep too much. */
  make(names: readonly string[], common: string): EnvironShape | undefined {
    if (this.#count >= MOST_CONNECTION_SHAPES || common.length > MOST_COMMON) return undefined;
    this.#count++;
    return new EnvironShape(names, common, this.#onUnused);
  }

  /** The shapes that nobody uses any more since the last call: processes may forget them. */
  takeUnused(): readonly EnvironShape[] {
    const unused = this.#unused;
    if (unused.length > 0) this.#unused = [];
    return unused;
  }
}

/** The pairs of a text of this shape: name, NUL, value, NUL … */
export function pairsOf({ names, common }: EnvironShape, values: string): string {
  return namedPairs(names, values) + (common === "" ? "" : `\0${common}`);
}

/** The same for the first values of a text, as many as there are names. */
export function namedPairs(names: readonly string[], values: string): string {
  const parts = values.split("\0");
  return names.map((name, index) => `${name}\0${parts[index]}`).join("\0");
}
