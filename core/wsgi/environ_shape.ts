/**
 * The names of an environ text, told apart from its values.
 *
 * Clients send the same headers in the same order again and again. A process is told such a sequence of names once; each
 * request then carries its number and the values alone, which is less to build, to send and to take apart.
 *
 * @module
 */
/** A sequence of environ names. */
export interface EnvironShape {
  readonly names: readonly string[];
  /** Last value of a text of this shape. No header value holds a control character, so it can't be mistaken. */
  readonly marker: string;
  /** What all texts of this shape have in common and leave out, as pairs: name, NUL, value, NUL …; or `""`. */
  readonly common: string;
}

/** A client may make up header names; beyond this many sequences requests carry their names again. */
const MOST_NODES = 2048;
/** Connections come and go, and each may want shapes of its own. */
const MOST_CONNECTION_SHAPES = 256;
/** Characters that a shape may keep for one connection. */
const MOST_COMMON = 4096;
let nodes = 0;
let markers = 0;

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
    return this.#shape ??= { names: this.#names, marker: newMarker(), common: "" };
  }
}

/** The shapes that connections have for themselves: their texts leave out what has not changed since the last request. */
export class ConnectionShapes {
  #count = 0;
  #ended: EnvironShape[] = [];

  /** A new shape; undefined where there are too many, or where it would keep too much. */
  make(names: readonly string[], common: string): EnvironShape | undefined {
    if (this.#count >= MOST_CONNECTION_SHAPES || common.length > MOST_COMMON) return undefined;
    this.#count++;
    return { names, marker: newMarker(), common };
  }

  /** No further text will have this shape. */
  end(shape: EnvironShape): void {
    this.#count--;
    this.#ended.push(shape);
  }

  /** The shapes that have ended since the last call. */
  takeEnded(): readonly EnvironShape[] {
    const ended = this.#ended;
    if (ended.length > 0) this.#ended = [];
    return ended;
  }
}

function newMarker(): string {
  return `\x01${(++markers).toString(36)}`;
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
