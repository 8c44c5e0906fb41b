"""Django's handle on this block's tables."""

from django.apps import AppConfig


class OrganisationStore(AppConfig):
    """The tables of the organisation block."""

    name = "yiwang.blocks.organisation.store"
    label = "organisation"
    default_auto_field = "django.db.models.BigAutoField"
