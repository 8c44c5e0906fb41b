"""The application that owns the tables of watching."""

from __future__ import annotations

from django.apps import AppConfig


class Watch(AppConfig):
    """Tables are named `watch_…`."""

    name = "yiwang.blocks.watch.store"
    label = "watch"
    default_auto_field = "django.db.models.BigAutoField"
