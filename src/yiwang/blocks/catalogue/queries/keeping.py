"""What a department has in hand: its own entries with what is missing, returned, waiting or running out of notice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from yiwang.blocks.catalogue.domain.guide import completeness
from yiwang.blocks.catalogue.domain.resource import ResourceState, ShareType, UpdateCycle
from yiwang.blocks.catalogue.domain.review import Stage
from yiwang.blocks.catalogue.store.models import Resource, Step
from yiwang.blocks.catalogue.store.rows import current_of, draft_of
from yiwang.blocks.identity.public import Actor


@dataclass(frozen=True)
class OwnEntry:
    """An entry of one's own agency. `complete` is the percentage of the guide's elements that its latest text fills."""

    code: str
    title: str
    title_en: str
    state: ResourceState
    stage: Stage
    has_draft: bool
    share_type: ShareType
    update_cycle: UpdateCycle
    complete: int
    updated_at: datetime
    effective_from: datetime | None
    """Of a text that is ready: when the notice to its users is over."""
    returned: str
    """Why a reviewer sent the text back, while it is being written again."""


def own_entries(actor: Actor) -> tuple[OwnEntry, ...]:
    """Entries of the actor's agency that were not withdrawn, by code; nothing for a person without one."""
    if not actor.agency:
        return ()
    rows = Resource.objects.filter(agency=actor.agency).exclude(state="withdrawn").order_by("code")
    listed = list(rows.prefetch_related("items"))
    last: dict[str, Step] = {}
    for step in Step.objects.filter(resource__in=[row.pk for row in listed]).order_by("id"):
        last[step.resource_id] = step
    return tuple(_own(row, last.get(row.pk)) for row in listed)


def _own(row: Resource, last: Step | None) -> OwnEntry:
    draft = draft_of(row.draft) if row.draft is not None else current_of(row)
    filled, asked = completeness(draft)
    rewriting = row.stage == "" and (row.state == "draft" or row.draft is not None)
    back = last is not None and last.kind == "return" and rewriting
    return OwnEntry(
        code=row.code, title=draft.title, title_en=draft.title_en, state=_state(row), stage=_stage(row),
        has_draft=row.draft is not None, share_type=draft.share_type, update_cycle=draft.update_cycle,
        complete=100 * filled // asked, updated_at=row.updated_at, effective_from=row.effective_from,
        returned=last.note if back and last is not None else "",
    )  # fmt: skip


def _state(row: Resource) -> ResourceState:
    return "published" if row.state == "published" else "draft"


def _stage(row: Resource) -> Stage:
    match row.stage:
        case "review" | "secrecy" | "approved":
            return row.stage
        case _:
            return ""
