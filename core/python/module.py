"""The modules ``mod_wsgi`` and ``apache`` that applications import."""

from __future__ import annotations

import sys
from types import ModuleType

from .environ import APACHE_VERSION, MOD_WSGI_VERSION
from .file_wrapper import FileWrapper
from .metrics import with_float_times
from .threads import get_ident


class RequestTimeout(BaseException):
    """Raised inside a request that has taken longer than allowed."""

    __module__ = "mod_wsgi"


def install_modules(process) -> None:
    """Puts the modules where ``import`` finds them before any installed package of that name."""
    plan = process.plan
    apache = ModuleType("apache", "What an application may ask about the server.")
    apache.version = APACHE_VERSION
    apache.maximum_processes = plan["processes"]
    apache.threads_per_process = plan["threads"]
    apache.description = plan["environ"].get("SERVER_SOFTWARE", "Apache")
    apache.mpm_name = plan.get("serverMpm", "event")
    apache.build_date = ""
    sys.modules["apache"] = apache
    sys.modules["mod_wsgi"] = _mod_wsgi(process)
    from . import server

    server.install(process)


def _mod_wsgi(process) -> ModuleType:
    plan = process.plan
    events = process.events
    metrics = process.metrics
    module = ModuleType("mod_wsgi", "The interface of mod_wsgi to the application it hosts.")
    module.__path__ = []
    module.version = MOD_WSGI_VERSION
    module.process_group = plan["processGroup"]
    module.application_group = plan["applicationGroup"]
    module.maximum_processes = plan["processes"]
    module.threads_per_process = plan["threads"]
    module.FileWrapper = FileWrapper
    module.RequestTimeout = RequestTimeout
    module.event_callbacks = events.callbacks
    module.shutdown_callbacks = events.shutdown_callbacks
    module.active_requests = process.active_requests

    def subscribe_events(callback):
        """Adds a callback for all events; returns it, so it can be used as a decorator."""
        _require_callable(callback)
        events.callbacks.append(callback)
        return callback

    def subscribe_shutdown(callback):
        """Adds a callback for ``process_stopping`` only; returns it."""
        _require_callable(callback)
        events.shutdown_callbacks.append(callback)
        return callback

    def process_metrics() -> dict:
        """Totals of the process since its start."""
        return metrics.process_metrics()

    def request_metrics() -> dict:
        """The requests since the previous call; the first call returns ``{}``."""
        return metrics.request_metrics()

    def start_recording_metrics() -> None:
        """Starts what the first call of ``request_metrics`` would start."""
        metrics.start_recording()

    def server_metrics() -> dict | None:
        """What the server knows of its processes and of the requests they serve; None unless it was
        told to keep it (``--server-metrics``)."""
        if not plan.get("serverMetrics"):
            return None
        return with_float_times(process.manager.server_metrics())

    def request_data() -> dict:
        """The dictionary of the request that the calling thread serves."""
        worker = process.workers_by_thread.get(get_ident())
        if worker is None or worker.data is None:
            raise RuntimeError("no active request for this thread")
        return worker.data

    for function in (
        subscribe_events,
        subscribe_shutdown,
        process_metrics,
        request_metrics,
        start_recording_metrics,
        server_metrics,
        request_data,
    ):
        function.__module__ = "mod_wsgi"
        function.__qualname__ = function.__name__
        setattr(module, function.__name__, function)
    return module


def _require_callable(callback: object) -> None:
    if not callable(callback):
        raise TypeError("a callback must be callable, not %s" % type(callback).__name__)
