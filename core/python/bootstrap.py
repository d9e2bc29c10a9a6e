"""Installs the Python half of wsgi-express as the in-memory package ``_wsgi_express``.

The sources travel inside the executable, so there is no file to import them from. This text is
executed once in a namespace of its own; TypeScript then calls ``boot(sources, plan)``. Modules are
compiled when they are first imported, so what a process never uses costs it nothing at start-up.
"""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec

PACKAGE = "_wsgi_express"
DIRECTORY = "<wsgi-express>/"


class SourceLoader:
    """Finder and loader (importlib.abc protocol) of the modules of the package.

    ``get_source`` is what ``linecache`` asks, so tracebacks show source lines.
    """

    def __init__(self, sources: dict[str, str]) -> None:
        self._sources = sources

    def find_spec(self, fullname: str, path: object = None, target: object = None):
        package, _, name = fullname.rpartition(".")
        if package != PACKAGE or name not in self._sources:
            return None
        return ModuleSpec(fullname, self, origin=DIRECTORY + name + ".py")

    def create_module(self, spec: ModuleSpec) -> None:
        return None

    def exec_module(self, module) -> None:
        name = module.__name__.rpartition(".")[2]
        module.__file__ = filename = DIRECTORY + name + ".py"
        code = compile(self._sources[name], filename, "exec", dont_inherit=True)
        exec(code, module.__dict__)

    def get_source(self, fullname: str) -> str | None:
        return self._sources.get(fullname.rpartition(".")[2])


def install(sources: str) -> None:
    """Makes the package importable.

    ``sources`` is ``name NUL text NUL name NUL text`` without the ``.py`` suffix.
    """
    fields = iter(sources.split("\0"))
    loader = SourceLoader(dict(zip(fields, fields)))
    package = type(sys)(PACKAGE, "The Python half of wsgi-express.")
    package.__path__ = []
    package.__spec__ = ModuleSpec(PACKAGE, loader, is_package=True)
    package.__loader__ = loader
    package.__package__ = PACKAGE
    sys.modules[PACKAGE] = package
    sys.meta_path.append(loader)


memory: memoryview | None = None  # shared with TypeScript, where the plan says so


def boot(sources: str, plan: str) -> None:
    """Installs the package and starts the application process that ``plan`` (JSON) describes."""
    install(sources)
    from _wsgi_express.process import start

    start(plan, memory)
