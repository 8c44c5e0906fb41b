"""Who hears, in the same transaction, that a request or a grant took a step: blocks above, wired in bootstrap."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Literal

Listener = Callable[[Literal["request", "grant", "mount"], str, datetime], None]
"""Takes what took the step, its number (of a mount: the resource's code) and the moment."""
_listeners: list[Listener] = []


def use_step_listener(listener: Listener) -> Callable[[], None]:
    """Wire one who wants to hear of every step; returns a function that unwires it."""
    _listeners.append(listener)
    return lambda: _listeners.remove(listener)


def stepped(kind: Literal["request", "grant", "mount"], number: str, now: datetime) -> None:
    """Tell them; what one of them raises undoes the step."""
    for listener in tuple(_listeners):
        listener(kind, number, now)
