"""Django's handle on this block's tables."""

from django.apps import AppConfig


class StandardsStore(AppConfig):
    """The tables of the standards block."""

    name = "yiwang.blocks.standards.store"
    label = "standards"
    default_auto_field = "django.db.models.BigAutoField"
