"""What another node said against a step, read back for whoever looks."""

from __future__ import annotations

from dataclasses import dataclass

from yiwang.blocks.cascade.domain.refusal import refusal_in
from yiwang.blocks.cascade.store.models import Asking, Dispute
from yiwang.vocabulary.errors import YwError


def kept_refusal(row: Asking | Dispute) -> YwError | None:
    """The refusal that the row keeps; None where its owner's node said nothing against it."""
    refusal = refusal_in(row.refusal)
    return None if refusal is None else refusal.error(row.owner)


@dataclass(frozen=True)
class NodeRefusal:
    """What a node itself says against a step: by its code, and what to do, in both languages."""

    code: str
    zh: str
    en: str
    mend_zh: str
    mend_en: str


def in_both_languages(error: YwError | None) -> NodeRefusal | None:
    """A refusal for readers that are programs."""
    if error is None:
        return None
    return NodeRefusal(error.code, error.text("zh"), error.text("en"), error.mend("zh"), error.mend("en"))
