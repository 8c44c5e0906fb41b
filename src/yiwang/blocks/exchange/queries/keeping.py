"""Forms that a person has begun."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec

from yiwang.blocks.catalogue.public import resources_by_code
from yiwang.blocks.exchange.store.acting import as_actor
from yiwang.blocks.exchange.store.kept_models import KeptForm
from yiwang.blocks.identity.public import Actor


@dataclass(frozen=True)
class KeptView:
    """What was written so far. `seen` is the revision of the request that it was written on."""

    subject: str
    values: Mapping[str, list[str]]
    revision: int
    seen: int | None
    saved_at: datetime
    window: str
    """The page that saved last."""


@dataclass(frozen=True)
class BegunRow:
    """A request that was begun and never saved as one."""

    resource: str
    title: str
    saved_at: datetime


@as_actor
def kept_form(actor: Actor, subject: str) -> KeptView | None:
    """What the person has written into this form, if anything."""
    row = KeptForm.objects.filter(user=actor.user_id, agency=actor.agency, subject=subject).first()
    if row is None:
        return None
    values = msgspec.convert(row.values, dict[str, list[str]])
    return KeptView(row.subject, values, row.revision, row.seen, row.saved_at, row.window)


@as_actor
def begun_requests(actor: Actor) -> tuple[BegunRow, ...]:
    """New requests that the person has begun to write, the latest first."""
    rows = KeptForm.objects.filter(user=actor.user_id, agency=actor.agency, subject__startswith="resource:")
    codes = {row.subject.partition(":")[2]: row.saved_at for row in rows}
    entries = resources_by_code(set(codes))
    return tuple(
        BegunRow(code, entries[code].title if code in entries else code, at) for code, at in codes.items()
    )
