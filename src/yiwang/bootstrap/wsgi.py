"""The web process: Django behind Granian's WSGI interface."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yiwang.bootstrap.settings")

application = get_wsgi_application()
