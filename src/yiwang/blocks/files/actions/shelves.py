"""Opening and closing a resource's exchange by file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.files.domain.errors import ShelfFormWrong
from yiwang.blocks.files.domain.keeping import (
    DAYS_AFTER_DELIVERY,
    DAYS_UNFETCHED,
    LARGEST_FILE,
    LONGEST_DAYS,
)
from yiwang.blocks.files.domain.media import is_media
from yiwang.blocks.files.store.models import Shelf
from yiwang.blocks.identity.public import Actor
from yiwang.blocks.journal.public import record_event


@dataclass(frozen=True)
class ShelfForm:
    """What is taken and how long it is kept. `largest` in bytes; `media` empty: every kind."""

    largest: int = LARGEST_FILE
    media: tuple[str, ...] = ()
    after_delivery: int = DAYS_AFTER_DELIVERY
    unfetched: int = DAYS_UNFETCHED


@exchange.as_actor
def open_shelf(actor: Actor, resource: str, form: ShelfForm, now: datetime) -> None:
    """Exchange a resource of the actor's agency by file, or change how.

    Raises: NotAllowed, ResourceUnknown, ShelfFormWrong.
    """
    _check(form)
    exchange.offer_files(actor, resource, now)
    Shelf.objects.update_or_create(
        resource=resource,
        defaults={
            "agency": actor.agency, "open": True, "largest": form.largest, "media": list(form.media),
            "after_delivery": form.after_delivery, "unfetched": form.unfetched,
        },
        create_defaults={
            "agency": actor.agency, "open": True, "largest": form.largest, "media": list(form.media),
            "after_delivery": form.after_delivery, "unfetched": form.unfetched, "created_at": now,
            "created_by": actor.name,
        },
    )  # fmt: skip
    record_event(
        "files-opened", now, provider=actor.agency, resource=resource,
        detail={"after_delivery": form.after_delivery, "unfetched": form.unfetched, "largest": form.largest},
    )  # fmt: skip


@exchange.as_actor
def close_shelf(actor: Actor, resource: str, reason: str, now: datetime) -> None:
    """Take no more files for a resource; what is there is given out no longer and kept its days.

    Raises: NotAllowed, ResourceUnknown.
    """
    exchange.end_files(actor, resource, reason, now)
    Shelf.objects.filter(resource=resource).update(open=False)
    record_event("files-closed", now, provider=actor.agency, resource=resource)


def _check(form: ShelfForm) -> None:
    for field, value, most in (
        ("after_delivery", form.after_delivery, LONGEST_DAYS),
        ("unfetched", form.unfetched, LONGEST_DAYS),
        ("largest", form.largest, LARGEST_FILE),
    ):
        if not 1 <= value <= most:
            raise ShelfFormWrong(field=field, reason=f"1–{most}")
    strange = [one for one in form.media if not is_media(one)]
    if strange:
        raise ShelfFormWrong(field="media", reason=strange[0][:60])
