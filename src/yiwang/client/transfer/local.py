"""What both ways of a transfer have in common on this machine."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from yiwang.client.file_errors import LocalFileUnusable

Progress = Callable[[int, int], None]
"""Told bytes done and bytes in all."""
ATTEMPTS: Final = 8
"""Times without progress after which a transfer is given up."""


@contextlib.contextmanager
def usable(path: Path) -> Iterator[None]:
    """Say of which file the system's refusal is. Raises: LocalFileUnusable."""
    try:
        yield
    except OSError as problem:
        raise LocalFileUnusable(path=str(path), reason=problem.strerror or str(problem)) from problem
