"""Errors given lately, so that their callers can look them up by request id."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

KEPT: Final = 10_000


class Recollection:
    """The last errors of one gateway process, each for the client application that it was given to."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[str, bytes]] = OrderedDict()

    def keep(self, request_id: str, client: str, body: bytes) -> None:
        """Remember the problem document that was answered."""
        self._kept[request_id] = (client, body)
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)

    def find(self, request_id: str, client: str) -> bytes | None:
        """The problem document, if this client got it."""
        found = self._kept.get(request_id)
        return found[1] if found is not None and found[0] == client else None
