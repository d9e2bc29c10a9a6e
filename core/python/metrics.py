"""``mod_wsgi.process_metrics()`` and ``mod_wsgi.request_metrics()``."""

from __future__ import annotations

import os
import sys
from bisect import bisect_left
from time import monotonic, time

from .threads import allocate_lock

# Upper bounds of the buckets in seconds, inclusive; the bucket after them takes the rest and the
# last of the 16 is never used.
BUCKET_BOUNDS = tuple(0.005 * 2**index for index in range(14))
BUCKETS = 16

# Of `server_metrics`, in seconds since the epoch.
_TIMES = {"restart_time", "current_time", "start_time", "stop_time", "last_used"}

_STAGES = ("server", "queue", "daemon", "application")


class Metrics:
    """Measurements of the process. ``recording`` is whether requests are recorded, which the first
    call of `request_metrics` turns on."""

    def __init__(self, process, thread_count: int, started: float) -> None:
        self.recording = False
        self._process = process
        self._threads = thread_count
        self._started = started
        self._lock = allocate_lock()
        self._begin_period()

    def _begin_period(self) -> None:
        self._since = (time(), monotonic(), os.times(), self._busy())
        self._count = 0
        self._sums = [0.0] * len(_STAGES)
        self._buckets = [[0] * BUCKETS for _ in _STAGES]
        self._by_thread = [0] * self._threads

    def start_recording(self) -> None:
        with self._lock:
            if not self.recording:
                self._begin_period()
                self.recording = True

    def record(self, observation) -> None:
        """Adds a finished request to the period."""
        start = observation.application_start
        queue_start = observation.queue_start
        daemon_start = observation.daemon_start
        if queue_start:
            times = (
                queue_start - observation.request_start,
                daemon_start - queue_start,
                start - daemon_start,
                observation.application_time,
            )
        else:
            times = (start - observation.request_start, None, None, observation.application_time)
        with self._lock:
            self._count += 1
            self._by_thread[observation.thread_number - 1] += 1
            for index, seconds in enumerate(times):
                if seconds is not None:
                    seconds = max(seconds, 0.0)  # the stages are of two clocks
                    self._sums[index] += seconds
                    self._buckets[index][bisect_left(BUCKET_BOUNDS, seconds)] += 1

    def _busy(self) -> float:
        """Seconds that threads have spent in requests, the running ones included."""
        now = monotonic()
        total = 0.0
        for worker in self._process.workers:
            total += worker.busy
            if worker.request is not None:
                total += max(0.0, now - worker.started)
        return total

    def request_metrics(self) -> dict:
        """The period since the previous call; the first call returns an empty dictionary."""
        if not self.recording:
            self.start_recording()
            return {}
        with self._lock:
            since = self._since
            count, sums, buckets = self._count, self._sums, self._buckets
            by_thread = self._by_thread
            self._begin_period()
            until = self._since
        period = max(until[1] - since[1], 1e-9)
        has_queue = self._process.is_daemon
        metrics = {
            "pid": os.getpid(),
            "start_time": since[0],
            "stop_time": until[0],
            "sample_period": period,
            "cpu_user_time": (until[2].user - since[2].user) / period,
            "cpu_system_time": (until[2].system - since[2].system) / period,
            "request_threads_maximum": self._threads,
            "request_threads_started": self._threads_started(),
            "request_threads_active": sum(1 for number in by_thread if number),
            "capacity_utilization": (until[3] - since[3]) / period / self._threads,
            "request_count": count,
            "request_throughput": count / period,
            "request_threads_buckets": by_thread,
        }
        metrics["memory_max_rss"], metrics["memory_rss"] = _memory()
        for index, stage in enumerate(_STAGES):
            known = has_queue or stage in ("server", "application")
            mean = sums[index] / count if count else 0.0
            metrics[stage + "_time"] = mean if known else None
            metrics[stage + "_time_buckets"] = buckets[index]
        return metrics

    def _threads_started(self) -> int:
        return sum(1 for worker in self._process.workers if worker.taken)

    def process_metrics(self) -> dict:
        """Totals since the start of the process."""
        workers = self._process.workers
        now = time()
        metrics = {
            "pid": os.getpid(),
            "request_count": sum(worker.finished for worker in workers),
            "request_busy_time": self._busy(),
        }
        metrics["memory_max_rss"], metrics["memory_rss"] = _memory()
        if sys.platform != "win32":
            times = os.times()
            metrics["cpu_user_time"] = times.user
            metrics["cpu_system_time"] = times.system
        metrics["restart_time"] = self._started
        metrics["current_time"] = now
        metrics["running_time"] = int(now - self._started)
        metrics["request_threads"] = self._threads_started()
        metrics["active_requests"] = sum(1 for worker in workers if worker.request is not None)
        metrics["threads"] = [
            {"thread_id": worker.number, "request_count": worker.taken}
            for worker in workers
            if worker.taken
        ]
        return metrics


def with_float_times(metrics: dict | None) -> dict | None:
    """The answer of the server, whose JSON has whole seconds without a point."""
    if metrics is not None:
        workers = [worker for each in metrics["processes"] for worker in each["workers"]]
        for found in (metrics, *workers):
            for name in _TIMES.intersection(found):
                found[name] = float(found[name])
    return metrics


def _memory() -> tuple[int, int]:
    """Largest and current resident set in bytes; 0 where it isn't known."""
    largest = current = 0
    try:
        from resource import RUSAGE_SELF, getrusage

        largest = getrusage(RUSAGE_SELF).ru_maxrss
        if sys.platform != "darwin":
            largest *= 1024
    except ImportError:
        pass
    try:
        with open("/proc/self/statm", "rb") as file:
            current = int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        current = largest
    return largest, current
