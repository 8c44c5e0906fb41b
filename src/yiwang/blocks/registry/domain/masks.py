"""Fields with a mask, as whoever may know that there is a value but not the value sees them.

The views mask what the database can read (`access.value`); this is for encrypted fields, and for pages that cover more.
"""

from __future__ import annotations

from yiwang.blocks.registry.domain.compiled import Field, mask_of
from yiwang.blocks.registry.domain.values import Plain
from yiwang.dataplane.masking import mask


def masked_value(field: Field, value: Plain) -> Plain:
    """The value behind its field's mask; a field without one is hidden whole. No value stays none."""
    if value is None:
        return None
    return mask(mask_of(field.mask) or "hidden")(str(value))
