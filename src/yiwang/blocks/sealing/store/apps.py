"""Django's handle on this block's tables."""

from __future__ import annotations

from django.apps import AppConfig


class SealingStore(AppConfig):
    """Tables are named `sealing_…`."""

    name = "yiwang.blocks.sealing.store"
    label = "sealing"
    default_auto_field = "django.db.models.BigAutoField"
