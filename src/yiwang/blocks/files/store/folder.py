"""Where files lie, for the worker, which removes what nobody refers to."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings

from yiwang.dataplane.filestore.store import FileStore
from yiwang.vocabulary.crypto import SUITES


def stores() -> Iterator[FileStore]:
    """The node's store under each hash function that it may have used."""
    for suite in SUITES.values():
        yield FileStore(settings.YW_FILES, suite)


def store_of(hash_name: str) -> FileStore:
    """The node's store under one hash function."""
    return FileStore(settings.YW_FILES, next(one for one in SUITES.values() if one.hash_name == hash_name))
