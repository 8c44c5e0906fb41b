"""Django's handle on this block's tables."""

from django.apps import AppConfig


class JournalStore(AppConfig):
    """The tables of the journal block."""

    name = "yiwang.blocks.journal.store"
    label = "journal"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the models that stand in files of their own."""
        from yiwang.blocks.journal.store import session_models  # noqa: F401 - registers its models
