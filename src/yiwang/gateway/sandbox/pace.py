"""How often one application may call the sandbox, and nonces that were seen: in memory, for one process."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from yiwang.blocks.journal.domain.errors import NonceReplayed
from yiwang.gateway.sandbox.errors import SandboxPace

CALLS_A_SECOND: Final = 10
BURST: Final = 20
CLIENTS: Final = 4096
NONCES: Final = 20_000


class Pace:
    """A bucket of calls for each application; the least recently seen ones are forgotten."""

    def __init__(self) -> None:
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, client: str, now: float) -> None:
        """One call at `now` (seconds, monotonic). Raises: SandboxPace."""
        left, seen = self._left.pop(client, (float(BURST), now))
        left = min(float(BURST), left + (now - seen) * CALLS_A_SECOND)
        self._left[client] = (max(0.0, left - 1), now)
        if len(self._left) > CLIENTS:
            self._left.popitem(last=False)
        if left < 1:
            raise SandboxPace(limit=CALLS_A_SECOND)


class Nonces:
    """The nonces of late; the oldest are forgotten, which costs a sandbox nothing."""

    def __init__(self) -> None:
        self._seen: OrderedDict[tuple[str, str], None] = OrderedDict()

    def take(self, kid: str, nonce: str) -> None:
        """Raises: NonceReplayed."""
        mark = (kid, nonce)
        if mark in self._seen:
            raise NonceReplayed
        self._seen[mark] = None
        if len(self._seen) > NONCES:
            self._seen.popitem(last=False)
