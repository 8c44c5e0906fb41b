"""Django's handle on this block's tables."""

from django.apps import AppConfig


class CatalogueStore(AppConfig):
    """The tables of the catalogue block."""

    name = "yiwang.blocks.catalogue.store"
    label = "catalogue"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tables of feeds and of the search live in modules of their own."""
        from yiwang.blocks.catalogue.store import feed_models, search_models  # noqa: F401 - registers their models
