"""The only door of files: offering a resource by file, looking at what was delivered, sweeping.

Uploads and downloads go through the gateway (`docs/specs/files.md`), for pages too.
"""

from __future__ import annotations

from yiwang.blocks.files.actions.shelves import ShelfForm, close_shelf, open_shelf
from yiwang.blocks.files.domain.errors import FilesError, ShelfFormWrong
from yiwang.blocks.files.domain.media import BY_SUFFIX
from yiwang.blocks.files.queries.files import DeliveryView, FileView, ShelfView, shelf
from yiwang.blocks.files.tasks import Swept, tick

__all__ = [
    "BY_SUFFIX",
    "DeliveryView",
    "FileView",
    "FilesError",
    "ShelfForm",
    "ShelfFormWrong",
    "ShelfView",
    "Swept",
    "close_shelf",
    "open_shelf",
    "shelf",
    "tick",
]
