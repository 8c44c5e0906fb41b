"""Who may read which evidence: its parties, and those who audit or run the node."""

from __future__ import annotations

from typing import Protocol

from yiwang.vocabulary.evidence import Leaf

SEE_ALL = frozenset({"auditor", "audit_admin", "operator"})
"""Roles that read the whole journal; leaves hold no personal values."""
COUNT_ALL = SEE_ALL | {"reviewer"}
"""Roles that see sums of every call: those above, and the data bureau, which answers for the sharing of the region."""


class Reader(Protocol):
    """The person who asks, as `identity.public.Actor` describes one; `agency` is a 统一社会信用代码."""

    @property
    def agency(self) -> str:
        """The agency for which the person acts."""

    @property
    def roles(self) -> frozenset[str]:
        """The roles that count now."""


def sees_all(reader: Reader) -> bool:
    """Whether the person reads the whole journal."""
    return not reader.roles.isdisjoint(SEE_ALL)


def counts_all(reader: Reader) -> bool:
    """Whether the person sees sums of every call."""
    return not reader.roles.isdisjoint(COUNT_ALL)


def may_read(reader: Reader, leaf: Leaf) -> bool:
    """Whether the person's agency is a party of the leaf, or the person reads the whole journal."""
    return sees_all(reader) or reader.agency in (leaf.consumer, leaf.provider)
