"""Keeping what stands in a form while it is written, so that nothing is lost before it is saved.

A kept form is its writer's alone, whatever the agency; it is not a request, and nothing in it has been checked.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
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


@as_actor
def keep_form(
    actor: Actor,
    subject: str,
    values: Mapping[str, Sequence[str]],
    now: datetime,
    *,
    known: int,
    seen: int | None = None,
) -> int:
    """Keep what stands in the form; the revision that the page names next time.

    Args:
        actor: who writes.
        subject: which form, such as `resource:306001003/1`.
        values: by name of the field, its values as they stand.
        now: when.
        known: the revision that the page knows; 0 when it was opened on nothing kept.
        seen: the revision of the request that the form was opened on.

    Raises: NotAllowed, KeptElsewhere, KeptTooMuch.
    """
    if not (actor.agency and actor.has(DATA_OFFICER)):
        raise NotAllowed(needs_zh="申请部门的数据专员", needs_en="a data officer of the requesting agency")
    document = {name: list(given) for name, given in values.items()}
    mine = KeptForm.objects.filter(user=actor.user_id, agency=actor.agency)
    row = mine.select_for_update().filter(subject=subject).first()
    if (row.revision if row else 0) != known:
        raise _elsewhere(row, now)
    if len(json.dumps(document)) > LARGEST or (row is None and mine.count() >= MOST):
        raise KeptTooMuch(most=MOST, size=LARGEST)
    if row is None:
        return _begin(actor, subject, document, now, seen)
    row.values, row.saved_at, row.seen, row.revision = document, now, seen, row.revision + 1
    row.save()
    return row.revision


@as_actor
def forget_form(actor: Actor, subject: str) -> None:
    """Forget what was kept; nothing happens when nothing was."""
    KeptForm.objects.filter(user=actor.user_id, agency=actor.agency, subject=subject).delete()


def _begin(
    actor: Actor, subject: str, document: dict[str, list[str]], now: datetime, seen: int | None
) -> int:
    try:
        with transaction.atomic():
            KeptForm.objects.create(
                user=actor.user_id, agency=actor.agency, subject=subject, values=document, seen=seen, saved_at=now
            )  # fmt: skip
    except IntegrityError:
        # the other window was first between the look and the writing
        raise _elsewhere(None, now) from None
    return 1


def _elsewhere(row: KeptForm | None, now: datetime) -> KeptElsewhere:
    at = row.saved_at if row else now
    return KeptElsewhere(at=f"{at.astimezone(zone()):%H:%M}")
