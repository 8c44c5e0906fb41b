"""Reading what a gateway says when it refuses: problem documents, when to come back, and its time."""

from __future__ import annotations

from datetime import datetime
from email.utils import parsedate_to_datetime

import msgspec

from yiwang.client.protocol import Received
from yiwang.vocabulary.errors import Fact


def problem_of(received: Received) -> dict[str, Fact] | None:
    """The members of a problem document, or None when it is none."""
    try:
        members = msgspec.json.decode(received.body, type=dict[str, object])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    if not isinstance(members.get("code"), str):
        return None
    facts: dict[str, Fact] = {"status": received.status}
    for name, value in members.items():
        if isinstance(value, list):
            facts[name] = [str(item) for item in value]
        elif value is None or isinstance(value, str | int):
            facts[name] = value
    return facts | {"status": received.status}


def retry_after(received: Received) -> float | None:
    """Seconds after which to come back, by the header or the problem's member; a date or nonsense counts as absent."""
    text = received.headers.get("retry-after")
    told = (problem_of(received) or {}).get("retry_after") if text is None else text
    if isinstance(told, int):
        told = str(told)
    return (
        float(told)
        if isinstance(told, str) and told.isascii() and told.isdigit() and len(told) < 10
        else None
    )


def server_time(told: Fact, date: str | None) -> float | None:
    """Unix seconds from the problem's member, else from the header `Date`; None where neither is a time."""
    try:
        if isinstance(told, int) and not isinstance(told, bool):
            return float(told)
        if isinstance(told, str):
            return float(told) if told.isdigit() else datetime.fromisoformat(told).timestamp()
        return parsedate_to_datetime(date).timestamp() if date else None
    except (ValueError, OverflowError):
        return None
