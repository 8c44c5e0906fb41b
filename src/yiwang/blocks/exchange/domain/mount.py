"""Where a resource lives: items mapped to columns, and how a source has drifted away from that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import msgspec

from yiwang.blocks.exchange.domain.compiled import FieldType

MountState = Literal["active", "drifted", "suspended", "withdrawn"]
SourceState = Literal["active", "suspended", "removed"]
DriftKind = Literal["dropped", "retyped", "relation-gone", "key-gone"]


class ColumnMap(msgspec.Struct, frozen=True):
    """An item and the column behind it. `type` is how values are compared and written in answers.

    `readable`: its value may be given; else it is only compared, by `verify`.
    """

    item: str
    column: str
    type: FieldType
    database_type: str
    readable: bool = True


@dataclass(frozen=True)
class Drift:
    """Something that no longer is as it was mounted. A dropped and a renamed column look the same."""

    kind: DriftKind
    item: str = ""
    column: str = ""
    was: str = ""
    now: str = ""
