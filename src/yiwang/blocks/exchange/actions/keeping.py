"""Keeping what stands in a form while it is written, so that nothing is lost before it is saved.

A kept form is its writer's alone, whatever the agency; it is not a request, and nothing in it has been checked.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from yiwang.blocks.exchange.domain.errors import NotAllowed
from yiwang.blocks.exchange.domain.keeping_errors import KeptElsewhere, KeptTooMuch
from yiwang.blocks.exchange.store.acting import as_actor
from yiwang.blocks.exchange.store.clock import zone
from yiwang.blocks.exchange.store.kept_models import KeptForm
from yiwang.blocks.identity.public import DATA_OFFICER, Actor

MOST = 100
"""Forms that one person may have begun."""
LARGEST = 200_000
"""Bytes of one form as JSON."""


@dataclass(frozen=True)
class FormWindow:
    """A page in a browser that holds a form, by the name that its script gave itself; "": there is no script.

    `turn` counts what it sent, so that what was sent first and comes last changes nothing. `before` is the page of the same tab
    whose text it took over.
    """

    name: str = ""
    turn: int = 0
    before: str = ""


NO_WINDOW = FormWindow()


@as_actor
def keep_form(
    actor: Actor,
    subject: str,
    values: Mapping[str, Sequence[str]],
    now: datetime,
    *,
    known: int,
    seen: int | None = None,
    window: FormWindow = NO_WINDOW,
) -> int:
    """Keep what stands in the form; the revision that the page names next time.

    Args:
        actor: who writes.
        subject: which form, such as `resource:306001003/1`.
        values: by name of the field, its values as they stand.
        now: when.
        known: the revision that the page knows; 0 when it was opened on nothing kept.
        seen: the revision of the request that the form was opened on.
        window: the page that sends it. What it sends before it has heard of its own last saving is no other window's.

    Raises: NotAllowed, KeptElsewhere, KeptTooMuch.
    """
    if not (actor.agency and actor.has(DATA_OFFICER)):
        raise NotAllowed(needs_zh="申请部门的数据专员", needs_en="a data officer of the requesting agency")
    document = {name: list(given) for name, given in values.items()}
    if len(json.dumps(document)) > LARGEST:
        raise KeptTooMuch(most=MOST, size=LARGEST)
    mine = KeptForm.objects.filter(user=actor.user_id, agency=actor.agency)
    row = mine.select_for_update().filter(subject=subject).first()
    if row is None and known == 0:
        if mine.count() >= MOST:
            raise KeptTooMuch(most=MOST, size=LARGEST)
        if _begun(actor, subject, document, now, seen, window):
            return 1
        # another saving was first between the look and the writing: of another window, or of this one
        row = mine.select_for_update().filter(subject=subject).first()
    if row is None or (row.revision != known and not _goes_on(row, window)):
        raise _elsewhere(row, now)
    if _is_late(row, window):
        return row.revision
    row.values, row.saved_at, row.seen, row.revision = document, now, seen, row.revision + 1
    row.window, row.turn = window.name, window.turn
    row.save()
    return row.revision


def _goes_on(row: KeptForm, window: FormWindow) -> bool:
    """Whether the same page, or the one whose text it took over, saved last."""
    return bool(row.window) and row.window in (window.name, window.before)


def _is_late(row: KeptForm, window: FormWindow) -> bool:
    """Whether what the page sent after this is kept already."""
    return bool(row.window) and row.window == window.name and window.turn <= row.turn


@as_actor
def forget_form(actor: Actor, subject: str) -> None:
    """Forget what was kept; nothing happens when nothing was."""
    KeptForm.objects.filter(user=actor.user_id, agency=actor.agency, subject=subject).delete()


def _begun(
    actor: Actor,
    subject: str,
    document: dict[str, list[str]],
    now: datetime,
    seen: int | None,
    window: FormWindow,
) -> bool:
    """Whether the form is kept for the first time; False when it was already."""
    try:
        with transaction.atomic():
            KeptForm.objects.create(
                user=actor.user_id, agency=actor.agency, subject=subject, values=document, seen=seen, saved_at=now,
                window=window.name, turn=window.turn,
            )  # fmt: skip
    except IntegrityError:
        return False
    return True


def _elsewhere(row: KeptForm | None, now: datetime) -> KeptElsewhere:
    at = row.saved_at if row else now
    return KeptElsewhere(at=f"{at.astimezone(zone()):%H:%M}")
