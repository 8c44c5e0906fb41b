"""How this process reaches other nodes: wired once, opened when it is first needed."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from yiwang.blocks.cascade.domain.reasons import unreachable
from yiwang.blocks.cascade.domain.transport import Transport

_makers: list[Callable[[], Transport]] = []


def use_transport(make: Callable[[], Transport]) -> None:
    """Let pages reach other nodes by what `make` gives."""
    _makers[:] = [make]
    _opened.cache_clear()


def transport() -> Transport:
    """The way to other nodes. Raises: PeerUnreachable, where none was wired."""
    if not _makers:
        raise unreachable("", "")
    return _opened()


@cache
def _opened() -> Transport:
    return _makers[0]()
