"""Two sessions of the demo, as a department's program holds them: one that was closed, one that is open."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from yiwang.client import Client, Session

CALLS: Final = 120
_ASKED: Final = 12
"""Calls of the session that stays open; it ends by itself when nothing is asked for five minutes."""


def call(gateway: str, folder: Path, code: str, field: str, value: str, purpose: str, key: Path) -> None:
    """Ask in two sessions for one value each time; every call is countersigned. Raises: ClientError."""
    with Client(gateway, key, trust=folder / "trust.json") as client:
        with client.session() as closed:
            _ask(closed, CALLS, code, field, value, purpose)
        opened = client.session()
        _ask(opened, _ASKED, code, field, value, purpose)
        opened.countersign()


def _ask(session: Session, times: int, code: str, field: str, value: str, purpose: str) -> None:
    for _ in range(times):
        session.query(code, where={field: value}, purpose=purpose)
