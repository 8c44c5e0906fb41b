"""Which generation of the key seals new values of encrypted fields."""

from __future__ import annotations

from yiwang.blocks.registry.store.models import Sealing


def generation() -> int:
    """The present generation, from 1."""
    row = Sealing.objects.order_by("-generation").values_list("generation", flat=True).first()
    return row or 1
