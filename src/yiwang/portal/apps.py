"""Django's handle on the pages: templates, static files and translations."""

from django.apps import AppConfig


class Portal(AppConfig):
    """The pages; it owns no tables."""

    name = "yiwang.portal"
    label = "portal"
