"""Django's handle on this block's tables."""

from django.apps import AppConfig


class ExchangeStore(AppConfig):
    """The tables of the exchange block."""

    name = "yiwang.blocks.exchange.store"
    label = "exchange"
    default_auto_field = "django.db.models.BigAutoField"
