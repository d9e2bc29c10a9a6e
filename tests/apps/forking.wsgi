"""Forked children, as multiprocessing and os.fork() make them."""

import multiprocessing
import os
import signal
import time

from routing import arguments, as_json, routes, text

fork = multiprocessing.get_context("fork")


def terminate(environ, start_response):
    child = fork.Process(target=time.sleep, args=(60,))
    child.start()
    child.terminate()
    child.join(30)
    exit_code = child.exitcode
    child.kill()
    return text(start_response, str(exit_code))


def pool(environ, start_response):
    with fork.Pool(2) as workers:
        workers.map_async(time.sleep, [60, 60])
    return text(start_response, "left")


def signals(environ, start_response):
    """What ends a child to which each of these signals is sent."""
    ends = {}
    for name in ("SIGTERM", "SIGINT", "SIGHUP", "SIGUSR1"):
        pid = os.fork()
        if not pid:
            time.sleep(60)
            os._exit(0)
        os.kill(pid, getattr(signal, name))
        ends[name] = signal.Signals(os.WTERMSIG(os.waitpid(pid, 0)[1])).name
    return as_json(start_response, ends)


def come_back(environ, start_response):
    """The child leaves the application as the parent does; gives its wait status."""
    pid = os.fork()
    if pid:
        return text(start_response, str(os.waitpid(pid, 0)[1]))
    how = arguments(environ)["how"]
    if how == "exit":
        raise SystemExit(0)
    write = start_response("200 OK", [("Content-Type", "text/plain")])
    if how == "write":
        write(b"written")
    return iter([b"child", b"more"])


application = routes(
    {"/terminate": terminate, "/pool": pool, "/signals": signals, "/come-back": come_back},
    unchecked=["/come-back"],
)
