"""Where rules come from and how they are compiled: quality knows, and stands above, so it is wired where the node is put
together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from yiwang.blocks.delivery.domain.errors import RulesUnread
from yiwang.dataplane.transfer.planning import RulesOf, no_rules


class RuleBook(Protocol):
    """What delivery asks of quality."""

    def read(self, text: str) -> list[object]:
        """Rules of a file in plain form. Raises: YwError."""

    def compiled(self, entries: Sequence[object], *, strict: bool) -> RulesOf:
        """Rules by the columns that travel; `strict`: one that does not fit them is an error, else it is left out."""

    def of_resource(self, resource: str) -> list[object]:
        """The rules by which the quality of a resource is watched."""


class _Empty:
    def read(self, text: str) -> list[object]:
        raise RulesUnread(reason=text[:20])

    def compiled(self, entries: Sequence[object], *, strict: bool) -> RulesOf:
        del entries, strict
        return no_rules

    def of_resource(self, resource: str) -> list[object]:
        del resource
        return []


_books: list[RuleBook] = [_Empty()]


def use_rule_book(book: RuleBook) -> None:
    """Wire it; called once when a process starts."""
    _books[:] = [book]


def rule_book() -> RuleBook:
    """The one that was wired; without one there are no rules."""
    return _books[0]
