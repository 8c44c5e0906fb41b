"""How a run is handed to the worker: the queue belongs to the node, so it is wired where the node is put together."""

from __future__ import annotations

from collections.abc import Callable

Hand = Callable[[str], None]


def _later(resource: str) -> None:
    """Without a queue the recurring task of the worker finds what is due."""
    del resource


_hands: list[Hand] = [_later]


def use_run_queue(hand: Hand) -> None:
    """Wire who runs a resource's rules soon; called once when a process starts."""
    _hands[:] = [hand]


def hand_over(resource: str) -> None:
    """Have the worker run the rules of a resource, with the commit of the transaction at hand."""
    _hands[0](resource)
