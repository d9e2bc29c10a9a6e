"""Runs a script in a module of its own."""

from __future__ import annotations

import sys
from types import ModuleType


def execute_script(name: str, path: str) -> ModuleType:
    """Runs the script in a fresh module; not through import, so that the file's name and its folder
    don't matter. The module is registered, so that pickle and dataclasses find it."""
    with open(path, "rb") as file:
        source = file.read()
    code = compile(source, path, "exec", dont_inherit=True)
    module = ModuleType(name)
    # As in mod_wsgi nothing has found or loaded it. The None that says so is deprecated: each
    # traceback of CPython 3.15's would warn of it.
    del module.__spec__
    module.__file__ = path
    sys.modules[name] = module
    exec(code, module.__dict__)
    return module
