"""Django's handle on this block's tables."""

from django.apps import AppConfig


class IdentityStore(AppConfig):
    """The tables of the identity block."""

    name = "yiwang.blocks.identity.store"
    label = "identity"
    default_auto_field = "django.db.models.BigAutoField"
