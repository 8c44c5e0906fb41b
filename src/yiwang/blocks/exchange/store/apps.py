"""Django's handle on this block's tables."""

from django.apps import AppConfig


class ExchangeStore(AppConfig):
    """The tables of the exchange block."""

    name = "yiwang.blocks.exchange.store"
    label = "exchange"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Models that stand in a file of their own."""
        from yiwang.blocks.exchange.store import bundle_models  # noqa: F401 - registers its models
