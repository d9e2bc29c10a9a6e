"""Tells what an application sees of its Python, and keeps a thread busy on demand."""

import importlib.util
import json
import math
import multiprocessing
import os
import subprocess
import sys
import time
from urllib.parse import parse_qsl


def facts():
    try:
        import only_in_environment
    except ImportError:
        only_in_environment = None
    try:
        import only_in_system
    except ImportError:
        only_in_system = None
    return {
        "prefix": sys.prefix,
        "base_prefix": sys.base_prefix,
        "executable": sys.executable,
        "base_executable": sys._base_executable,
        "version": "%d.%d" % sys.version_info[:2],
        "path": sys.path,
        "utf8_mode": sys.flags.utf8_mode,
        "from_environment": getattr(only_in_environment, "VALUE", None),
        "from_system": getattr(only_in_system, "VALUE", None),
        "folder": os.path.dirname(os.path.abspath(__file__)),
    }


def application(environ, start_response):
    path = environ["PATH_INFO"]
    query = dict(parse_qsl(environ["QUERY_STRING"]))
    if path == "/facts":
        body = json.dumps(facts())
    elif path == "/sleep":
        time.sleep(float(query["seconds"]))
        body = str(os.getpid())
    elif path == "/exit":
        os._exit(7)
    elif path == "/print":
        for number in range(int(query["lines"])):
            print("line %s %d äöü €" % (query["name"], number))
        body = "printed"
    elif path == "/find":
        spec = importlib.util.find_spec(query["module"])
        body = "none" if spec is None else str(spec.origin)
    elif path == "/child":
        # Under the environment's Python, as everything that an application starts.
        code = "import json, sys; print(json.dumps([sys.prefix, sys.executable]))"
        body = subprocess.check_output([sys.executable, "-c", code]).decode("utf-8")
    elif path == "/multiprocessing":
        # On Windows the interpreter that sys._base_executable names starts the child.
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            body = str(pool.map(math.sqrt, [9.0, 16.0]))
    else:
        body = str(os.getpid())
    data = body.encode("utf-8")
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(data)))]
    start_response("200 OK", headers)
    return [data]
