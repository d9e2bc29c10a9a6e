/**
 * The one question that an interpreter is asked, and its answer.
 *
 * @module
 */

/** An interpreter's answer. Texts that it has no value for are empty. */
export interface Probe {
  /** `sys.implementation.name`: `"cpython"`. */
  readonly implementation: string;
  /** `"3.13.0"`, `"3.14.0rc1"`. */
  readonly version: string;
  readonly versionNumbers: readonly [number, number, number];
  /** `sys.version`. */
  readonly build: string;
  /** 32 or 64. */
  readonly bits: number;
  readonly executable: string;
  readonly baseExecutable: string;
  readonly basePrefix: string;
  readonly soabi: string;
  /** `sysconfig`'s variable of that name; the suffix of the library's name, `"3.13t"`. */
  readonly LDVERSION: string;
  readonly LDLIBRARY: string;
  readonly INSTSONAME: string;
  readonly LIBDIR: string;
  readonly MULTIARCH: string;
  readonly PYTHONFRAMEWORK: string;
  readonly PYTHONFRAMEWORKPREFIX: string;
  /** `Py_ENABLE_SHARED`: built with a shared library. */
  readonly shared: boolean;
  /** `Py_GIL_DISABLED`: built without the GIL. */
  readonly freeThreaded: boolean;
  /** Windows: the DLL that the interpreter itself uses. */
  readonly dll: string;
}

const OLDEST_MINOR = 8;
const NEWEST_MINOR = 15;
/** What messages call the versions that this program can load. */
export const SUPPORTED_PYTHONS = `CPython 3.${OLDEST_MINOR} to 3.${NEWEST_MINOR}`;

const MARK = "wsgi-express-probe";

/**
 * Runs on every Python, 2.7 included, so that an old one can be named in the refusal. The build's
 * variables come from the module that holds them: importing `sysconfig` would double the time.
 */
const PROBE = `\
import sys
sys.path[:] = [p for p in sys.path if p]
def text(v):
    return '' if v is None else str(v)
def variables():
    if sys.platform == 'win32':
        return {}
    name = '_sysconfigdata_%s_%s_%s' % (
        getattr(sys, 'abiflags', ''), sys.platform,
        getattr(getattr(sys, 'implementation', None), '_multiarch', ''))
    try:
        return __import__(name).build_time_vars
    except Exception:
        import sysconfig
        return sysconfig.get_config_vars()
def dll():
    if sys.platform != 'win32':
        return ''
    try:
        import ctypes
        buffer = ctypes.create_unicode_buffer(32768)
        ctypes.windll.kernel32.GetModuleFileNameW(
            ctypes.c_void_p(sys.dllhandle), buffer, len(buffer))
        return buffer.value
    except Exception:
        return ''
v = sys.version_info
level = {'alpha': 'a', 'beta': 'b', 'candidate': 'rc'}.get(v[3])
c = variables()
answer = [
    '${MARK}',
    'implementation', getattr(getattr(sys, 'implementation', None), 'name', 'cpython'),
    'version', '%d.%d.%d' % v[:3] + ('%s%d' % (level, v[4]) if level else ''),
    'build', sys.version,
    'bits', '64' if sys.maxsize > 2 ** 32 else '32',
    'executable', sys.executable,
    'baseExecutable', getattr(sys, '_base_executable', None) or sys.executable,
    'basePrefix', getattr(sys, 'base_prefix', sys.prefix),
    'freeThreaded', c.get('Py_GIL_DISABLED') or ('free-threading' in sys.version and 1) or 0,
    'soabi', c.get('SOABI'),
    'shared', c.get('Py_ENABLE_SHARED') or 0,
    'dll', dll(),
]
for name in ('LDVERSION', 'LDLIBRARY', 'INSTSONAME', 'LIBDIR', 'MULTIARCH', 'PYTHONFRAMEWORK',
             'PYTHONFRAMEWORKPREFIX'):
    answer += [name, c.get(name)]
data = '\\0'.join(text(a) for a in answer)
if not isinstance(data, bytes):
    data = data.encode(sys.getfilesystemencoding(),
                       'surrogatepass' if sys.platform == 'win32' else 'surrogateescape')
getattr(sys.stdout, 'buffer', sys.stdout).write(data)
`;

/**
 * The arguments that make an interpreter answer. `-S` leaves `site` out, which can take longer
 * than all the rest; `-E` and `-s` keep variables and packages of the user out.
 */
export const PROBE_ARGUMENTS: readonly string[] = ["-E", "-s", "-S", "-c", PROBE];

/** Reads an interpreter's answer; `undefined` when the text is none. */
export function parseProbe(stdout: string): Probe | undefined {
  const start = stdout.lastIndexOf(`${MARK}\0`);
  if (start < 0) return undefined;
  const parts = stdout.slice(start).split("\0").slice(1);
  const values = new Map<string, string>();
  for (let index = 0; index + 1 < parts.length; index += 2) {
    values.set(parts[index] ?? "", parts[index + 1] ?? "");
  }
  const value = (name: string) => values.get(name) ?? "";
  const version = /^(\d+)\.(\d+)\.(\d+)/.exec(value("version"));
  if (version === null) return undefined;
  return {
    implementation: value("implementation"),
    version: value("version"),
    versionNumbers: [Number(version[1]), Number(version[2]), Number(version[3])],
    build: value("build"),
    bits: Number(value("bits")),
    executable: value("executable"),
    baseExecutable: value("baseExecutable"),
    basePrefix: value("basePrefix"),
    soabi: value("soabi"),
    LDVERSION: value("LDVERSION"),
    LDLIBRARY: value("LDLIBRARY"),
    INSTSONAME: value("INSTSONAME"),
    LIBDIR: value("LIBDIR"),
    MULTIARCH: value("MULTIARCH"),
    PYTHONFRAMEWORK: value("PYTHONFRAMEWORK"),
    PYTHONFRAMEWORKPREFIX: value("PYTHONFRAMEWORKPREFIX"),
    shared: value("shared") === "1",
    freeThreaded: value("freeThreaded") === "1",
    dll: value("dll"),
  };
}

/** Why the interpreter that answered can't be used, whatever its library; `undefined` when it can. */
export function refusal(probe: Probe): string | undefined {
  const [major, minor] = probe.versionNumbers;
  if (probe.implementation !== "cpython") {
    return `it is ${probe.implementation}, and only CPython can be used`;
  }
  if (major !== 3 || minor < OLDEST_MINOR || minor > NEWEST_MINOR) {
    return `it is Python ${probe.version}, and ${SUPPORTED_PYTHONS} is supported`;
  }
  if (probe.bits !== 64) return "it is a 32-bit Python, and this program has 64 bits";
  return undefined;
}
