"""Django's handle on this block's tables."""

from django.apps import AppConfig


class SubscriptionsStore(AppConfig):
    """The tables of the subscriptions block."""

    name = "yiwang.blocks.subscriptions.store"
    label = "subscriptions"
    default_auto_field = "django.db.models.BigAutoField"
