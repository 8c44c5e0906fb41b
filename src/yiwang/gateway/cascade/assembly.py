"""Puts the parts of calls that cross nodes together."""

from __future__ import annotations

from collections.abc import Callable

from yiwang.gateway.authentication import Authentication
from yiwang.gateway.calls import Calls, Committer
from yiwang.gateway.cascade.files import RoutedFiles
from yiwang.gateway.cascade.judging import Judge, Tables
from yiwang.gateway.cascade.onward import Onward
from yiwang.gateway.cascade.serving import Cascade, Owned
from yiwang.gateway.verification.pool import Verifiers
from yiwang.vocabulary.crypto import SigningKey


class Crossing:
    """Calls and files of one gateway process that cross nodes."""

    def __init__(
        self,
        node: str,
        authentication: Authentication,
        calls: Calls,
        writer: Committer,
        shelf: Owned,
        tables: Owned,
        *,
        routes: Tables,
        verifiers: Verifiers,
        key: Callable[[], SigningKey],
    ) -> None:
        """`key` gives the key by which this node signs what it sends on; `shelf` and `tables` give out its own."""
        judge = Judge(node, routes, verifiers)
        self._onward = Onward(routes, verifiers, key)
        self.is_foreign = judge.is_foreign
        self.calls = Cascade(authentication, calls, writer, shelf, tables, judge=judge, onward=self._onward)
        self.files = RoutedFiles(authentication, calls, writer, judge=judge, onward=self._onward)

    def close(self) -> None:
        """Close connections to other nodes."""
        self._onward.close()
