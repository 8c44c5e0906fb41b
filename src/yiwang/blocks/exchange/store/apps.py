"""Django's handle on this block's tables."""

from django.apps import AppConfig


class ExchangeStore(AppConfig):
    """The tables of the exchange block."""

    name = "yiwang.blocks.exchange.store"
    label = "exchange"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the tables that stand in files of their own: bundles, sandboxes, old clients, scans."""
        from yiwang.blocks.exchange.store import (  # noqa: F401
            bundle_models,
            integration_models,
            kept_models,
            scan_models,
        )
