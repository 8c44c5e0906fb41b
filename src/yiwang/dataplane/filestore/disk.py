"""Writing for good: all bytes, on disk, and failures told by their kind."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from yiwang.dataplane.filestore.errors import StoreFull, StoreTrouble


def write_all(number: int, data: bytes | memoryview, at: int) -> None:
    """Write every byte at a place of an open file. Raises: OSError."""
    left = memoryview(data)
    while left:
        done = os.pwrite(number, left, at)
        left, at = left[done:], at + done


def sync_folder(path: Path) -> None:
    """Wait until the names in a folder are on disk. Raises: OSError."""
    number = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(number)
    finally:
        os.close(number)


@contextmanager
def disk() -> Iterator[None]:
    """Tell a failure of the disk by its kind. Raises: StoreFull, StoreTrouble."""
    try:
        yield
    except OSError as problem:
        if problem.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StoreFull from problem
        raise StoreTrouble from problem
