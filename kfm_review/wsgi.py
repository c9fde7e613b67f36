"""The web process's way in, for a WSGI server: `gunicorn 'kfm_review.wsgi:application()'`."""

import os

from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application

from kfm_review.accounts import ownership

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kfm_review.settings")


def application() -> WSGIHandler:
    """Return the application, unless its database role could break the invariants."""
    made = get_wsgi_application()
    ownership.refuse_owner()
    return made
