"""How the worker is told that a run waits: the queue belongs to the node, so it is wired where the node is put together."""

from __future__ import annotations

from collections.abc import Callable

Wake = Callable[[], None]


def _later() -> None:
    """Without a queue the recurring task of the worker finds what waits."""


_wakes: list[Wake] = [_later]


def use_waker(wake: Wake) -> None:
    """Wire who wakes the worker; called once when a process starts."""
    _wakes[:] = [wake]


def wake() -> None:
    """Have the worker look, with the commit of the transaction at hand."""
    _wakes[0]()
