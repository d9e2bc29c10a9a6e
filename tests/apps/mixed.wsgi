"""The routes of bodies.wsgi and streaming.wsgi together, for mixed load."""

import os
import runpy

here = os.path.dirname(__file__)
# Each script keeps its own wsgiref.validate around its routes.
bodies = runpy.run_path(os.path.join(here, "bodies.wsgi"), {"__file__": __file__})
streaming = runpy.run_path(os.path.join(here, "streaming.wsgi"), {"__file__": __file__})
FROM_BODIES = {"/echo", "/digest", "/count", "/ignore", "/partial", "/tolerant"}


def application(environ, start_response):
    script = bodies if environ["PATH_INFO"] in FROM_BODIES else streaming
    return script["application"](environ, start_response)
