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
}

/** A client may make up header names; beyond this many sequences requests carry their names again. */
const MOST_NODES = 2048;
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
    return this.#shape ??= { names: this.#names, marker: `\x01${(++markers).toString(36)}` };
  }
}

/** The pairs of a text of values: name, NUL, value, NUL … */
export function pairsOf(shape: EnvironShape, values: string): string {
  return values.split("\0").slice(0, shape.names.length)
    .map((value, index) => `${shape.names[index]}\0${value}`).join("\0");
}
