"""The entry point for a WSGI server.

From the folder of the project, with Django in the virtual environment .venv:

    .venv/bin/python manage.py migrate
    .venv/bin/python manage.py createsuperuser
    wsgi-express start-server mysite/wsgi.py --python .venv
"""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mysite.settings")

application = get_wsgi_application()
