"""Django's handle on this block's tables."""

from django.apps import AppConfig


class ExchangeStore(AppConfig):
    """The tables of the exchange block."""

    name = "yiwang.blocks.exchange.store"
    label = "exchange"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tables of the census live in a module of their own."""
        from yiwang.blocks.exchange.store import scan_models  # noqa: F401 - registers its models
