"""Fields with a mask, as whoever may know that there is a value but not the value sees them."""

from __future__ import annotations

from typing import Final

from yiwang.blocks.registry.domain.compiled import Field
from yiwang.blocks.registry.domain.values import Plain
from yiwang.dataplane.masking import mask

_MASKS: Final = {"id": "id_number", "bank_card": "bank_account"}
"""Masks of packages whose name differs from that of the same mask in a grant."""


def masked_value(field: Field, value: Plain) -> Plain:
    """The value behind its field's mask; a field without one is hidden whole. No value stays none."""
    if value is None:
        return None
    kind = field.mask or "hidden"
    return mask(_MASKS.get(kind, kind))(str(value))
