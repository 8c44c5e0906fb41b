"""Writing an entry: created, edited, published, withdrawn."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db import IntegrityError, transaction

from yiwang.blocks.catalogue.actions.listening import published, withdrawn
from yiwang.blocks.catalogue.domain import errors
from yiwang.blocks.catalogue.domain.resource import STATES, ResourceDraft
from yiwang.blocks.catalogue.domain.review import check_edit, check_publish
from yiwang.blocks.catalogue.domain.rules import problems
from yiwang.blocks.catalogue.store.models import Resource, Version
from yiwang.blocks.catalogue.store.rows import current_of, document_of, draft_of, next_codes, write
from yiwang.blocks.catalogue.store.searching import forget_entry, index_entry
from yiwang.blocks.catalogue.store.ways import class_known, policy, put_way, way_of
from yiwang.blocks.identity.public import DATA_OFFICER, Actor
from yiwang.blocks.journal.public import record_event


@transaction.atomic
def create_resource(actor: Actor, draft: ResourceDraft, now: datetime) -> str:
    """Start an entry of the actor's agency as a draft; returns its code, which is never given out again.

    Raises: NotAllowed, ResourceInvalid, ClassUnknown, TitleTaken.
    """
    actor.require(DATA_OFFICER)
    check(draft)
    if not class_known(draft.classification):
        raise errors.ClassUnknown(classification=draft.classification)
    row = Resource(
        code=next_codes(draft.classification, 1)[0], agency=actor.agency, agency_name=actor.agency_name,
        classification=draft.classification, created_at=now, updated_at=now,
        revision=1, edited_by=actor.name, authors=[actor.user_id],
    )  # fmt: skip
    _write(row, draft)
    return row.code


@transaction.atomic
def edit_resource(
    actor: Actor, code: str, draft: ResourceDraft, now: datetime, *, seen: int | None = None
) -> None:
    """Change an entry. A published one keeps its edition until it is published again; its classification stays.

    `seen` is the revision that the editor started from (None: whatever it is now).

    Raises: ResourceUnknown, ResourceNotYours, ResourceStateWrong, StageWrong, EditedMeanwhile (nothing was
        written), ResourceInvalid, TitleTaken.
    """
    row = own(actor, code)
    if seen is not None and seen != row.revision:
        raise errors.EditedMeanwhile(resource=code, name=row.edited_by or "—")
    check_edit(way_of(row))
    draft = replace(draft, classification=row.classification)
    check(draft)
    touched(row, actor, now)
    if row.state == "draft":
        _write(row, draft)
    else:
        row.draft = document_of(draft)
        row.save()


@transaction.atomic
def publish_resource(actor: Actor, code: str, now: datetime, note: str = "") -> int:
    """Publish the entry as it was last saved; returns the edition's number.

    Raises: ResourceUnknown, ResourceNotYours, ResourceStateWrong (nothing new to publish), TitleTaken,
        StageWrong, ReviewMissing (where the node asks for it), NoticeRunning.
    """
    row = own(actor, code)
    if row.state == "published" and row.draft is None:
        raise _wrong_state(row)
    way = way_of(row)
    check_publish(way, now, review_required=policy().review_required)
    draft = draft_of(row.draft) if row.draft is not None else current_of(row)
    check(draft)
    put_way(row, replace(way, stage="", submitted_by=None, reviewed_by=None, effective_from=None))
    row.authors, row.revision = [], row.revision + 1
    row.draft, row.state, row.version = None, "published", row.version + 1
    row.published_at = row.updated_at = now
    row.agency_name = actor.agency_name
    _write(row, draft)
    index_entry(row)
    Version.objects.create(
        resource=row, version=row.version, doc=document_of(draft), note=note.strip(), published_at=now,
        published_by=actor.name,
    )  # fmt: skip
    record_event(
        "resource-published", now, provider=row.agency, resource=row.code, version=row.version,
    )  # fmt: skip
    published(row.code, row.agency, now)
    return row.version


@transaction.atomic
def withdraw_resource(actor: Actor, code: str, reason: str, now: datetime) -> None:
    """Take a published entry out of the catalogue, or abandon a draft. Its code is never given out again.

    Raises: ResourceUnknown, ResourceNotYours, ResourceStateWrong, WithdrawalWithoutReason.
    """
    row = own(actor, code)
    if not reason.strip():
        raise errors.WithdrawalWithoutReason(resource=code)
    was_public = row.state == "published"
    put_way(row, replace(way_of(row), stage="", submitted_by=None, reviewed_by=None, effective_from=None))
    row.state, row.draft, row.withdrawn_at, row.updated_at = "withdrawn", None, now, now
    row.withdrawn_reason = reason.strip()
    row.save()
    if was_public:
        forget_entry(row.code)
        record_event("resource-withdrawn", now, provider=row.agency, resource=row.code, version=row.version)
        withdrawn(row.code, row.agency, now)


@transaction.atomic
def discard_draft(actor: Actor, code: str, now: datetime) -> None:
    """Forget the later edition that was being written. Raises: ResourceUnknown, ResourceNotYours, StageWrong."""
    row = own(actor, code)
    check_edit(way_of(row))
    row.draft, row.updated_at, row.authors, row.revision = None, now, [], row.revision + 1
    row.save(update_fields=["draft", "updated_at", "authors", "revision"])


def own(actor: Actor, code: str) -> Resource:
    """The row of an entry that the actor may write, locked.

    Raises: ResourceUnknown, ResourceNotYours, ResourceStateWrong (withdrawn).
    """
    row = Resource.objects.select_for_update().filter(code=code).first()
    mine = row is not None and row.agency == actor.agency
    if row is None or not (mine or row.state == "published"):
        raise errors.ResourceUnknown(resource=code)
    if not mine or not actor.has(DATA_OFFICER):
        raise errors.ResourceNotYours(resource=code)
    if row.state == "withdrawn":
        raise _wrong_state(row)
    return row


def touched(row: Resource, actor: Actor, now: datetime) -> None:
    """Note who wrote: the revision moves on and the writer no longer reviews this text."""
    row.updated_at, row.revision, row.edited_by = now, row.revision + 1, actor.name
    row.authors = sorted({*row.authors, actor.user_id})


def _wrong_state(row: Resource) -> errors.ResourceStateWrong:
    label = next((label for state, label in STATES.items() if state == row.state), STATES["draft"])
    return errors.ResourceStateWrong(resource=row.code, state_zh=label.zh, state_en=label.en.lower())


def check(draft: ResourceDraft) -> None:
    """Raises: ResourceInvalid, with everything that is wrong."""
    wrong = tuple(problem for problem in problems(draft) if not problem.warning)
    if wrong:
        raise errors.ResourceInvalid(wrong)


def _write(row: Resource, draft: ResourceDraft) -> None:
    try:
        with transaction.atomic():
            write(row, draft)
    except IntegrityError as error:
        raise errors.TitleTaken(title=draft.title) from error
