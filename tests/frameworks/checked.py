"""The application of an example under wsgiref.validate.

TEST_SCRIPT is the path of the example's script, TEST_MODULE the name of its module.
"""

import importlib
import os
import runpy
from wsgiref.validate import validator

if "TEST_MODULE" in os.environ:
    inner = importlib.import_module(os.environ["TEST_MODULE"]).application
else:
    inner = runpy.run_path(os.environ["TEST_SCRIPT"])["application"]

application = validator(inner)
