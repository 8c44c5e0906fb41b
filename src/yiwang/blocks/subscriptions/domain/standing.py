"""Whether a grant lets a subscription be served at this moment. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Literal

from yiwang.blocks.subscriptions.domain.shapes import Grant

Standing = Literal["open", "waits", "over"]
"""`waits`: not now, but later; `over`: never again."""


def standing(
    grant: Grant | None, state: str, ground: str, local: datetime, zone: str, is_workday: Callable[[date], bool]
) -> Standing:  # fmt: skip
    """By its state, its days, its hours, its purposes and its zone; `local`: the time in the node's zone."""
    if grant is None or state in ("revoked", "expired", "withdrawn") or local.timestamp() >= grant.not_after:
        return "over"
    if grant.zone != zone or ground not in grant.purposes or "changes" not in grant.modes:
        return "over"
    if state != "active" or local.timestamp() < grant.not_before:
        return "waits"
    if grant.workdays_only and not is_workday(local.date()):
        return "waits"
    if grant.hours is None:
        return "open"
    begins, ends = grant.hours
    minute = local.hour * 60 + local.minute
    inside = begins <= minute < ends if begins <= ends else minute >= begins or minute < ends
    return "open" if inside else "waits"
