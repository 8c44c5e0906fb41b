"""Comparisons that go into SQL, and fields that come out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from yiwang.blocks.exchange.domain.compiled import CompiledField, Operator
from yiwang.dataplane.masking import Mask
from yiwang.gateway import values

IN_LIMIT: Final = 50
"""Values that one `in` list may carry, whatever the grant says: a list is the quiet form of a harvest."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison; `value` is a tuple for `in`."""

    field: CompiledField
    operator: Operator
    value: values.Parameter | tuple[values.Parameter, ...]


@dataclass(frozen=True, slots=True)
class Output:
    """One field that leaves, perhaps masked."""

    field: CompiledField
    mask: Mask | None
