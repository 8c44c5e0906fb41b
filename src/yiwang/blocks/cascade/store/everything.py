"""Who reads sums of every call: the platform itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class _Everything:
    agency: str = ""
    roles: frozenset[str] = frozenset({"operator"})


EVERYTHING = _Everything()
