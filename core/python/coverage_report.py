"""Code coverage by the package ``coverage`` (https://coverage.readthedocs.io), reported at the
end."""

from __future__ import annotations

import atexit
import os
import sys
import threading

from .debugging import Wrapper
from .log import format_exception


def start_coverage(directory: str, log) -> None:
    """Starts measuring; at the end of the process an HTML report goes to ``directory``. The
    project's own configuration of coverage is read from the working directory. Raises RuntimeError
    where the package is not installed."""
    try:
        from coverage import Coverage
    except ImportError:
        raise RuntimeError(
            "--enable-coverage needs the package 'coverage' in the application's environment; "
            "install it with: %s -m pip install coverage" % sys.executable
        ) from None
    coverage = Coverage(data_file=None)
    coverage.start()

    def report() -> None:
        coverage.stop()
        try:
            coverage.html_report(directory=directory)
        except Exception as error:
            log.text(
                "error",
                "mod_wsgi (pid=%d): No coverage report in '%s'.\n%s"
                % (os.getpid(), directory, format_exception(error)),
            )

    atexit.register(report)


class Traced(Wrapper):
    """Tracing is a matter of each thread, and the one for requests is not made by `threading`."""

    def step(self, function, *arguments):
        if sys.gettrace() is None:
            hook = getattr(threading, "gettrace", lambda: threading._trace_hook)()
            if hook is not None:
                sys.settrace(hook)
        return function(*arguments)
