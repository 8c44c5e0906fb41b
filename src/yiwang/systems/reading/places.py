"""Places in files: what every node, expression and fault carries."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file of a package; line and column count from 1, column 0 means the whole file."""

    file: str
    line: int = 1
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.column else self.file


NOWHERE = Place("", 0, 0)
"""The place of values that were not read from a file."""
