"""What changed between two editions of a resource, in words a person reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Change:
    """One change. `where` is a field name or an item's wire name; `narrowing` when it may break a consumer."""

    kind: Literal["changed", "item-added", "item-removed", "item-changed"]
    where: str
    field: str
    was: str
    now: str
    zh: str
    en: str
    narrowing: bool
