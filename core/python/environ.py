"""The part of the WSGI environ that is the same for every request (PEP 3333, "environ Variables").

The per-request part comes as text in the request frame; `worker` puts the two together.
"""

from __future__ import annotations

from .file_wrapper import FileWrapper

MOD_WSGI_VERSION = (4, 8, 0)
APACHE_VERSION = (2, 4, 71)  # what the environ of mod_wsgi-express 4.8.0 names


def environ_template(plan: dict) -> dict:
    """The entries that all requests of the process share. Text values come from the plan."""
    application = plan["application"]
    template = dict(plan["environ"])
    template.setdefault("mod_wsgi.callable_object", application["callable"])
    template.setdefault("mod_wsgi.process_group", plan["processGroup"])
    template.setdefault("mod_wsgi.application_group", plan["applicationGroup"])
    template["mod_wsgi.version"] = MOD_WSGI_VERSION
    template["apache.version"] = APACHE_VERSION
    template["wsgi.version"] = (1, 0)
    template["wsgi.multithread"] = plan["multithread"]
    template["wsgi.multiprocess"] = plan["multiprocess"]
    template["wsgi.run_once"] = plan["run_once"]
    template["wsgi.input_terminated"] = True
    template["wsgi.file_wrapper"] = FileWrapper
    return template
