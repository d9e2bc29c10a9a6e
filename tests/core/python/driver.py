"""Starts the Python half as TypeScript would, in a plain interpreter: the interpreter's main thread
boots it, then waits for the end of standard input and finishes as Py_FinalizeEx does."""

import sys


def main() -> None:
    bootstrap, sources, plan = sys.argv[1:]
    namespace = {"__name__": "bootstrap"}
    exec(compile(read(bootstrap), "<wsgi-express>/bootstrap.py", "exec"), namespace)
    namespace["boot"](read(sources), read(plan))
    sys.stdin.buffer.read()


def read(path: str) -> str:
    with open(path, encoding="utf-8", newline="") as file:
        return file.read()


main()
