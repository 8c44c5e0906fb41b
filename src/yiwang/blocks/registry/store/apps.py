"""Django's handle on this block's tables."""

from django.apps import AppConfig


class RegistryStore(AppConfig):
    """The tables of the registry block."""

    name = "yiwang.blocks.registry.store"
    label = "registry"
    default_auto_field = "django.db.models.BigAutoField"
