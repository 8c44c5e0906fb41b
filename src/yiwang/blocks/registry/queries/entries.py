"""The entries of the journal behind a number, as far as the reader may read them."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime

import msgspec

from yiwang.blocks.identity.public import Actor
from yiwang.blocks.journal.public import Call, CallPage, Sought, calls_behind
from yiwang.blocks.registry.domain.errors import ListBroken, RowsUnlisted
from yiwang.blocks.registry.domain.figures.calls import Judge
from yiwang.blocks.registry.domain.figures.periods import moved
from yiwang.blocks.registry.queries.figures import number
from yiwang.blocks.registry.store import models
from yiwang.blocks.registry.store.calls import facts
from yiwang.systems.cel.evaluating import Evaluator

_Places = dict[str, int]


def entries_behind(
    actor: Actor, system: str, figure: str, cell: int, now: datetime, *, mark: str | None = None
) -> CallPage:
    """The calls that a number was counted from, the latest first, as far as the actor may read them.

    They are those of their own agency, on either side, or all for those who read the whole journal. `mark` as
    `mark_after` gave it for the page before.

    Raises: FigureUnknown, RowsUnlisted, ListBroken.
    """
    found, shown = number(actor, system, figure, cell, now)
    if found.kind != "journal":
        raise RowsUnlisted(figure=found.title.zh)
    reach = models.Figure.objects.values_list("reach", flat=True).get(system=system, name=figure)
    judge = Judge(found, Evaluator())

    def fits(call: Call) -> bool:
        counts = judge.of(facts(call, reach[call.resource]), call.at)
        return counts is not None and all(counts.dims[path] == value for path, value in shown.dims.items())

    sought = Sought(frozenset(reach), shown.start, moved(shown.start, found.per, 1), fits)
    return calls_behind(actor, sought, below=_places(mark) if mark else None)


def mark_after(page: CallPage) -> str:
    """The mark of the page after this one; empty where there is none."""
    if page.following is None:
        return ""
    return base64.urlsafe_b64encode(msgspec.json.encode(page.following)).decode().rstrip("=")


def _places(mark: str) -> Mapping[str, int]:
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(mark + "=" * (-len(mark) % 4)), type=_Places)
    except (ValueError, msgspec.MsgspecError):
        raise ListBroken(problem="mark") from None
