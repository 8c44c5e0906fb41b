"""Django's handle on this block's tables."""

from django.apps import AppConfig


class CatalogueStore(AppConfig):
    """The tables of the catalogue block."""

    name = "yiwang.blocks.catalogue.store"
    label = "catalogue"
    default_auto_field = "django.db.models.BigAutoField"
