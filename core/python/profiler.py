"""Python's profiler around the application (https://docs.python.org/3/library/profile.html)."""

from __future__ import annotations

import atexit
import os
from cProfile import Profile

from .debugging import Wrapper, new_file
from .log import format_exception


class Profiler:
    """Measures while it is enabled; at the end of the process the figures go to a file
    ``<microseconds>-<process id>.pstats``."""

    def __init__(self, directory: str, log) -> None:
        self._directory = directory
        self._log = log
        self._profile = Profile()
        self.enable = self._profile.enable
        self.disable = self._profile.disable
        atexit.register(self._write)

    def application(self, application) -> Profiled:
        return Profiled(application, self._profile)

    def _write(self) -> None:
        try:
            self._profile.dump_stats(new_file(self._directory, ".pstats"))
        except Exception as error:
            self._log.text(
                "error",
                "mod_wsgi (pid=%d): The profile can't be written to '%s'.\n%s"
                % (os.getpid(), self._directory, format_exception(error)),
            )


class Profiled(Wrapper):
    """Measures the application, not the wait for requests."""

    def __init__(self, application, profile: Profile) -> None:
        super().__init__(application)
        self._profile = profile

    def step(self, function, *arguments):
        self._profile.enable()
        try:
            return function(*arguments)
        finally:
            self._profile.disable()
