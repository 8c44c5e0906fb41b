"""What another node said against a step, read back for whoever looks."""

from __future__ import annotations

from yiwang.blocks.cascade.domain.refusal import refusal_in
from yiwang.blocks.cascade.store.models import Asking, Dispute
from yiwang.vocabulary.errors import YwError


def kept_refusal(row: Asking | Dispute) -> YwError | None:
    """The refusal that the row keeps; None where its owner's node said nothing against it."""
    refusal = refusal_in(row.refusal)
    return None if refusal is None else refusal.error(row.owner)
