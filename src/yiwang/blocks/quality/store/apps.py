"""Django's handle on this block's tables."""

from django.apps import AppConfig


class QualityStore(AppConfig):
    """The tables of the quality block."""

    name = "yiwang.blocks.quality.store"
    label = "quality"
    default_auto_field = "django.db.models.BigAutoField"
