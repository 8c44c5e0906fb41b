"""Django's handle on this block's tables."""

from django.apps import AppConfig


class ExchangeStore(AppConfig):
    """The tables of the exchange block."""

    name = "yiwang.blocks.exchange.store"
    label = "exchange"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the tables of sandboxes and of old clients, which stand in a file of their own."""
        from yiwang.blocks.exchange.store import integration_models  # noqa: F401
