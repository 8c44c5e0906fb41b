"""Agencies of other nodes, and who speaks for them here."""

from __future__ import annotations

from yiwang.blocks.cascade.store.models import ForeignAgency
from yiwang.blocks.identity.public import DATA_OFFICER, Actor
from yiwang.blocks.organisation.public import agencies_by_uscc

FOREIGN_USER = -1
"""The account number of whoever acts on another node: never that of an account here, nor the platform's."""


def is_foreign(agency: str, origin: str) -> bool:
    """Whether an agency is one of that other node and none of ours."""
    known = ForeignAgency.objects.filter(pk=agency, node=origin).exists()
    return known and agency not in agencies_by_uscc({agency})


def foreign_officer(agency: str, name: str, person: str, origin: str) -> Actor:
    """A data officer of another node's agency, whose own node has checked who they are."""
    return Actor(
        FOREIGN_USER, f"{origin}", f"{person}（{origin}）", agency, name, "", frozenset({DATA_OFFICER}), True
    )
