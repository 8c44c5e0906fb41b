"""Django's handle on this block's tables."""

from django.apps import AppConfig


class DeliveryStore(AppConfig):
    """The tables of the delivery block."""

    name = "yiwang.blocks.delivery.store"
    label = "delivery"
    default_auto_field = "django.db.models.BigAutoField"
