"""Django's handle on this block's tables."""

from django.apps import AppConfig


class JournalStore(AppConfig):
    """The tables of the journal block."""

    name = "yiwang.blocks.journal.store"
    label = "journal"
    default_auto_field = "django.db.models.BigAutoField"
