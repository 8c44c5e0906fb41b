"""Django's handle on this block's tables."""

from django.apps import AppConfig


class CascadeStore(AppConfig):
    """The tables of the cascade block."""

    name = "yiwang.blocks.cascade.store"
    label = "cascade"
    default_auto_field = "django.db.models.BigAutoField"
