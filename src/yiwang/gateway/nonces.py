"""Nonces of calls that leave no leaf, kept in memory for as long as their signatures can be valid."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from yiwang.blocks.journal.domain.errors import NonceReplayed
from yiwang.vocabulary.envelope import WINDOW_SECONDS, SignedRequest

KEPT: Final = 100_000


class NonceMemory:
    """The nonces of one gateway process."""

    def __init__(self) -> None:
        self._nonces: OrderedDict[tuple[str, str], int] = OrderedDict()

    def take(self, request: SignedRequest) -> None:
        """Remember a request's nonce. Raises: NonceReplayed, where it is known."""
        mark = (request.kid, request.nonce)
        if mark in self._nonces:
            raise NonceReplayed
        self._nonces[mark] = request.created
        while len(self._nonces) > KEPT or (
            next(iter(self._nonces.values())) < request.created - 4 * WINDOW_SECONDS
        ):
            self._nonces.popitem(last=False)
