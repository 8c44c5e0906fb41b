"""Django's handle on this block's tables."""

from django.apps import AppConfig


class DemandStore(AppConfig):
    """The tables of the demand block."""

    name = "yiwang.blocks.demand.store"
    label = "demand"
    default_auto_field = "django.db.models.BigAutoField"
