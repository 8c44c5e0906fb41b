"""The web process behind Granian's WSGI interface: Django's pages, and the interface of declared systems."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.core.wsgi import get_wsgi_application

from yiwang.bootstrap.starting import set_up_django

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yiwang.bootstrap.settings")

set_up_django()
_pages = get_wsgi_application()

from yiwang.blocks.registry.public import INTERFACE, interface  # noqa: E402 - needs Django
from yiwang.bootstrap.forms import work_out_forms  # noqa: E402

work_out_forms()


def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer one request: records by their own small path, everything else by Django."""
    path = str(environ.get("PATH_INFO") or "")
    if path == INTERFACE or path.startswith(INTERFACE + "/"):
        return interface(environ, start_response)
    return _pages(environ, start_response)
