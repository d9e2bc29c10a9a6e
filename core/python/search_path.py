"""``sys.path`` and the other things about the interpreter that an application sees first."""

from __future__ import annotations

import os
import sys

from .log import ErrorLog


def prepare_interpreter(plan: dict) -> None:
    """Arguments, switch interval, environment variables, working directory, module search path."""
    sys.argv[:] = plan["sysArgv"]
    if plan.get("switchInterval"):
        sys.setswitchinterval(plan["switchInterval"])
    os.environ.update(plan["osEnviron"])
    directory = plan["workingDirectory"]
    os.chdir(directory)
    extend_path(plan["pythonPath"])
    if directory in sys.path:
        sys.path.remove(directory)
    sys.path.insert(0, directory)
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")


def set_locale(plan: dict, log: ErrorLog) -> None:
    """Sets all categories of the locale where the plan names one. Python sets LC_CTYPE alone."""
    name = plan.get("locale")
    if name is None or sys.platform == "win32":  # which knows no LC_ALL
        return
    import _locale

    try:
        _locale.setlocale(_locale.LC_ALL, name)
    except _locale.Error:
        log.text(
            "error",
            "Unsupported locale setting %s specified for daemon process group %s. Consider using "
            "'C.UTF-8' as fallback setting." % (name, plan["processGroup"]),
        )


def extend_path(directories: list[str]) -> None:
    """Puts ``directories`` first in ``sys.path``, in order, each with what its ``.pth`` files add
    (https://docs.python.org/3/library/site.html)."""
    if not directories:
        return
    import site

    before = list(sys.path)
    first: list[str] = []
    for directory in directories:
        del sys.path[:]
        site.addsitedir(directory)
        first += [entry for entry in sys.path if entry not in first]
    sys.path[:] = first + [entry for entry in before if entry not in first]
