"""How a scan is handed to the worker: the queue belongs to the node, so it is wired where the node is put together."""

from __future__ import annotations

from collections.abc import Callable

Hand = Callable[[str], None]


def _later(scan_id: str) -> None:
    """Without a queue the recurring task of the worker finds what waits."""
    del scan_id


_hands: list[Hand] = [_later]


def use_scan_queue(hand: Hand) -> None:
    """Wire who runs a scan of this number; called once when a process starts."""
    _hands[:] = [hand]


def hand_over(scan_id: str) -> None:
    """Have the worker run the scan, with the commit of the transaction at hand."""
    _hands[0](scan_id)
