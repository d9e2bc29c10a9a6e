"""bjoern has no command line: serve MODULE's application on PORT."""

import importlib
import sys

import bjoern

module, port = sys.argv[1:]
bjoern.run(importlib.import_module(module).application, "127.0.0.1", int(port))
