"""The WSGI entry point: `gunicorn spaser.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "spaser.settings")
application = get_wsgi_application()
