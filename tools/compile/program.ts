/**
 * What belongs into a compiled file: the modules that the program can load, and their texts.
 *
 * @module
 */

/** The module that runs first. */
export const ENTRY_POINT = "cli/main.ts";
/** Written by the build, read by `wsgi-express --version`. */
export const BUILD_FILE = "dist/build.json";

interface Module {
  readonly specifier: string;
  readonly local?: string;
  readonly error?: string;
  readonly dependencies?: readonly { readonly code?: { readonly specifier?: string } }[];
}

/**
 * Every file that the program can load, starting with {@linkcode ENTRY_POINT}: relative to `root`, with `/` between the
 * parts. Modules of types alone are not among them, as nothing of them is left.
 *
 * @throws {Error} where a module of the graph can't be loaded.
 */
export async function programFiles(root: string): Promise<string[]> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", ENTRY_POINT],
    cwd: root,
  }).output();
  if (!success) throw new Error(`deno info failed: ${new TextDecoder().decode(stderr)}`);
  const graph: { roots: string[]; modules: Module[] } = JSON.parse(
    new TextDecoder().decode(stdout),
  );
  const broken = graph.modules.find((module) => module.error !== undefined);
  if (broken !== undefined) throw new Error(`the module graph is broken: ${broken.error}`);
  const prefix = withSlashes(root).replace(/\/$/, "") + "/";
  return [...loaded(graph.roots, graph.modules)]
    .map((path) => withSlashes(path))
    .filter((path) => path.startsWith(prefix))
    .map((path) => path.slice(prefix.length))
    .toSorted();
}

/** Local paths of the modules that are reached through code. */
function loaded(roots: readonly string[], modules: readonly Module[]): Set<string> {
  const bySpecifier = new Map(modules.map((module) => [module.specifier, module]));
  const reached = new Set(roots);
  // A set gives what is added while it is walked too.
  for (const specifier of reached) {
    for (const { code } of bySpecifier.get(specifier)?.dependencies ?? []) {
      if (code?.specifier !== undefined) reached.add(code.specifier);
    }
  }
  return new Set([...reached].flatMap((specifier) => bySpecifier.get(specifier)?.local ?? []));
}

function withSlashes(path: string): string {
  return path.replaceAll("\\", "/");
}
