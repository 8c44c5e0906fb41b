"""Who hears, in the same transaction, that an entry was published: blocks above this one, wired in bootstrap."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

Listener = Callable[[str, str, datetime], None]
"""Takes the entry's code, its agency and the moment."""
_listeners: list[Listener] = []


def use_listener(listener: Listener) -> Callable[[], None]:
    """Wire one who wants to hear of every publication; returns a function that unwires it."""
    _listeners.append(listener)
    return lambda: _listeners.remove(listener)


def published(code: str, agency: str, now: datetime) -> None:
    """Tell them; what one of them raises undoes the publication."""
    for listener in tuple(_listeners):
        listener(code, agency, now)


_leaving: list[Listener] = []


def use_withdrawal_listener(listener: Listener) -> Callable[[], None]:
    """Wire one who wants to hear of every withdrawal; returns a function that unwires it."""
    _leaving.append(listener)
    return lambda: _leaving.remove(listener)


def withdrawn(code: str, agency: str, now: datetime) -> None:
    """Tell them; what one of them raises undoes the withdrawal."""
    for listener in tuple(_leaving):
        listener(code, agency, now)
