"""Taking in a census spreadsheet or another catalogue: all of it or nothing, always as drafts."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, connection, transaction

from yiwang.blocks.catalogue.actions.entries import check, edit_resource
from yiwang.blocks.catalogue.domain import errors
from yiwang.blocks.catalogue.domain.resource import ResourceDraft
from yiwang.blocks.catalogue.store.models import Item, Origin, Resource, Upload
from yiwang.blocks.catalogue.store.planning import ImportPlan, plan_drafts, plan_sheet
from yiwang.blocks.catalogue.store.rows import fill, item_rows, next_codes
from yiwang.blocks.identity.public import DATA_OFFICER, Actor
from yiwang.blocks.journal.public import record_event
from yiwang.dataplane.spreadsheets.reading import USUAL

KEPT = timedelta(days=1)
"""How long an uploaded sheet waits for the word to take it in."""


@dataclass(frozen=True)
class Imported:
    """What an import did: codes of new and of changed entries."""

    created: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: int


@transaction.atomic
def keep_upload(actor: Actor, name: str, data: bytes, now: datetime) -> str:
    """Keep a sheet for its preview; returns its key. Old ones are forgotten. Raises: NotAllowed, SheetTooLong."""
    actor.require(DATA_OFFICER)
    if len(data) > USUAL.file:
        raise errors.SheetTooLong(limit=USUAL.file // (1024 * 1024))
    Upload.objects.filter(created_at__lt=now - KEPT).delete()
    Upload.objects.filter(by=actor.user_id).delete()
    key = secrets.token_hex(16)
    Upload.objects.create(
        id=key, agency=actor.agency, by=actor.user_id, name=name[:200], content=data, created_at=now
    )
    return key


@transaction.atomic
def import_upload(actor: Actor, key: str, digest: str, now: datetime) -> Imported:
    """Take in a kept sheet as it was previewed. Raises: UploadGone, and what `import_sheet` raises."""
    row = Upload.objects.select_for_update().filter(id=key, agency=actor.agency, by=actor.user_id).first()
    if row is None:
        raise errors.UploadGone()
    done = import_sheet(actor, bytes(row.content), now, digest=digest)
    row.delete()
    return done


@transaction.atomic
def import_sheet(actor: Actor, data: bytes, now: datetime, *, digest: str | None = None) -> Imported:
    """Take in a census workbook: new entries become drafts, changed ones later editions to be published.

    `digest` is that of the plan the person saw (None: whatever it is now).

    Raises: NotAllowed, SpreadsheetError, SheetDefective (nothing was written), ImportOutdated, TitleTaken.
    """
    actor.require(DATA_OFFICER)
    _alone(actor)
    plan = plan_sheet(actor.agency, data)
    if plan.defects:
        raise errors.SheetDefective(plan.defects)
    return _carry_out(actor, plan, digest, now)


@transaction.atomic
def import_entries(
    actor: Actor, feed: str, entries: Iterable[tuple[str, ResourceDraft]], now: datetime
) -> Imported:
    """Follow another catalogue: `entries` are (its own code, text); each stays tied to the entry it made here.

    An entry that was withdrawn here stays withdrawn. One that is missing in the feed is left alone.

    Raises: NotAllowed, ResourceInvalid, TitleTaken, StageWrong; then nothing was written.
    """
    actor.require(DATA_OFFICER)
    _alone(actor)
    listed = list(entries)
    for _, draft in listed:
        check(draft)
    tied = Origin.objects.filter(feed=feed, external__in=[external for external, _ in listed])
    origins = {row.external: row for row in tied.select_related("resource")}
    followed = [
        (external, origins[external].resource_id if external in origins else "", draft)
        for external, draft in listed
        if external not in origins
        or (
            origins[external].resource.state != "withdrawn"
            and origins[external].resource.agency == actor.agency
        )
    ]
    plan = plan_drafts(actor.agency, [(code, draft) for _, code, draft in followed], feed)
    if plan.defects:
        raise errors.SheetDefective(plan.defects)
    done = _carry_out(actor, plan, None, now)
    fresh = [external for external, code, _ in followed if not code]
    Origin.objects.bulk_create(
        Origin(feed=feed, external=external, resource_id=code, seen_at=now)
        for external, code in zip(fresh, done.created, strict=True)
    )
    Origin.objects.filter(pk__in=[row.pk for row in origins.values()]).update(seen_at=now)
    return done


def _alone(actor: Actor) -> None:
    """One import an agency at a time: two would both see the same entries as new."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(7311, hashtext(%s))", [actor.agency])


def _carry_out(actor: Actor, plan: ImportPlan, digest: str | None, now: datetime) -> Imported:
    if digest is not None and digest != plan.digest:
        raise errors.ImportOutdated()
    for entry in plan.changed:
        edit_resource(actor, entry.code, entry.draft, now)
    created = _create_many(actor, [entry.draft for entry in plan.new], now)
    if plan.new or plan.changed:
        record_event(
            "catalogue-imported", now, provider=actor.agency,
            detail={"created": len(created), "changed": len(plan.changed)},
        )  # fmt: skip
    return Imported(tuple(created), tuple(entry.code for entry in plan.changed), plan.unchanged)


def _create_many(actor: Actor, drafts: list[ResourceDraft], now: datetime) -> list[str]:
    for draft in drafts:
        check(draft)
    wanted = Counter(draft.classification for draft in drafts)
    codes = {name: iter(next_codes(name, count)) for name, count in sorted(wanted.items())}
    rows, items = [], []
    for draft in drafts:
        row = Resource(
            code=next(codes[draft.classification]), agency=actor.agency, agency_name=actor.agency_name,
            classification=draft.classification, created_at=now, updated_at=now, revision=1,
            edited_by=actor.name, authors=[actor.user_id],
        )  # fmt: skip
        fill(row, draft)
        rows.append(row)
        items += item_rows(row, draft)
    try:
        with transaction.atomic():
            Resource.objects.bulk_create(rows, batch_size=1000)
    except IntegrityError as error:
        raise errors.TitleTaken(title="、".join(draft.title for draft in drafts)[:100]) from error
    Item.objects.bulk_create(items, batch_size=2000)
    return [row.code for row in rows]
