"""Django's handle on this block's tables."""

from django.apps import AppConfig


class FilesStore(AppConfig):
    """The tables of the files block."""

    name = "yiwang.blocks.files.store"
    label = "files"
    default_auto_field = "django.db.models.BigAutoField"
