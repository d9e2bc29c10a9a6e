/**
 * Pythons in the Windows registry (PEP 514).
 *
 * @module
 */

/** One registered Python. */
export interface RegisteredPython {
  /** `"PythonCore"` for python.org's, else a distributor's name. */
  readonly company: string;
  /** `"3.13"`, `"3.13-32"`; a distributor's may have any form. */
  readonly tag: string;
  /** The interpreter. */
  readonly executable: string;
}

/** Reads what `reg query …\Software\Python /s` prints. */
export function parseRegistry(text: string): RegisteredPython[] {
  const pythons: RegisteredPython[] = [];
  let company = "", tag = "", folder = "", executable = "";
  const finish = () => {
    const path = executable || (folder && `${folder.replace(/\\$/, "")}\\python.exe`);
    if (path !== "") pythons.push({ company, tag, executable: path });
    folder = executable = "";
  };
  for (const line of text.split(/\r?\n/)) {
    const key = /^HKEY_\w+\\Software\\Python(?:\\([^\\]+)\\([^\\]+)\\InstallPath)?/i.exec(line);
    if (key !== null) {
      finish();
      [company, tag] = [key[1] ?? "", key[2] ?? ""];
      continue;
    }
    const value = /^\s+(\([^)]*\)|\S+)\s+REG_\w+\s+(.*)$/.exec(line);
    if (value === null || tag === "") continue;
    if (value[1]?.toLowerCase() === "executablepath") executable = value[2] ?? "";
    else if (value[1]?.startsWith("(")) folder = value[2] ?? "";
  }
  finish();
  return pythons;
}

/** The interpreters in the order to try: python.org's first, newer versions first, 32-bit ones not at all. */
export function interpretersOf(pythons: readonly RegisteredPython[]): string[] {
  const minor = (python: RegisteredPython) => Number(/^3\.(\d+)/.exec(python.tag)?.[1] ?? -1);
  const rank = (python: RegisteredPython) => python.company === "PythonCore" ? 0 : 1;
  return [
    ...new Set(
      pythons.filter((python) => !python.tag.endsWith("-32"))
        .toSorted((a, b) => rank(a) - rank(b) || minor(b) - minor(a))
        .map((python) => python.executable),
    ),
  ];
}
