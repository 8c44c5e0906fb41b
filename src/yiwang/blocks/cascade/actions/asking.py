"""An officer here asks for a resource of another node, changes a returned request, or takes it back; its owner decides."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import msgspec

from yiwang.blocks.cascade.domain.asking import STATES, UNDER_WAY, problems
from yiwang.blocks.cascade.domain.bodies import AmendmentBody, EntryBody, RequestBody, WithdrawalBody
from yiwang.blocks.cascade.domain.errors import (
    AskingInvalid,
    AskingStateWrong,
    AskingUnknown,
    CascadeNotAllowed,
    EntryUnknown,
)
from yiwang.blocks.cascade.store.bodies import agency_body
from yiwang.blocks.cascade.store.here import node
from yiwang.blocks.cascade.store.models import Asking, Entry
from yiwang.blocks.cascade.store.outgoing import tell
from yiwang.blocks.exchange.public import RequestInput, as_actor, next_number
from yiwang.blocks.identity.public import DATA_OFFICER, Actor
from yiwang.blocks.journal.public import record_event
from yiwang.blocks.organisation.public import agencies_by_uscc


@as_actor
def ask(actor: Actor, owner: str, code: str, form: RequestInput, now: datetime) -> str:
    """Ask the node `owner` for its resource; returns the request's number here. It travels at once.

    Raises: CascadeNotAllowed, EntryUnknown, AskingInvalid, NodeUnknown.
    """
    _officer(actor)
    entry = _checked(owner, code, form)
    number = f"{node()}-{next_number('K', now)}"
    wish: dict[str, object] = msgspec.to_builtins(form)
    row = Asking.objects.create(
        id=number, origin=node(), owner=owner, resource=code, title=entry.title, provider=entry.provider,
        provider_name=entry.provider_name, consumer=actor.agency, consumer_name=actor.agency_name,
        applicant_name=actor.signature(DATA_OFFICER), reason=form.reason.strip(), wish=wish, state="sent",
        created_at=now, updated_at=now,
    )  # fmt: skip
    facts = agencies_by_uscc({actor.agency}).get(actor.agency)
    if facts is not None:
        tell("agency", facts.uscc, agency_body(facts), now, target=owner)
    tell(
        "request", number,
        RequestBody(
            resource=code, title=entry.title, provider=entry.provider, provider_name=entry.provider_name,
            consumer=actor.agency, consumer_name=actor.agency_name,
            applicant=actor.signature(DATA_OFFICER), reason=form.reason.strip()[:4000], wish=wish,
        ),
        now, target=owner,
    )  # fmt: skip
    _record("sent", row, now)
    return number


@as_actor
def amend(actor: Actor, number: str, form: RequestInput, now: datetime) -> None:
    """Change a returned request and hand it in again.

    Raises: CascadeNotAllowed, AskingUnknown, AskingStateWrong, EntryUnknown, AskingInvalid, NodeUnknown.
    """
    row = _mine(actor, number, {"returned"}, ("修改", "changed"))
    _checked(row.owner, row.resource, form)
    row.wish = msgspec.to_builtins(form)
    row.reason, row.state, row.updated_at = form.reason.strip(), "sent", now
    row.applicant_name = actor.signature(DATA_OFFICER)
    row.answer = row.basis = row.due = ""
    row.refusal = {}
    row.save()
    tell("amendment", number, AmendmentBody(row.applicant_name, row.wish), now, target=row.owner)
    _record("amended", row, now)


@as_actor
def withdraw(actor: Actor, number: str, text: str, now: datetime) -> None:
    """Take a request back; its owner closes it, unless it was decided meanwhile.

    Raises: CascadeNotAllowed, AskingUnknown, AskingStateWrong, NodeUnknown.
    """
    row = _mine(actor, number, UNDER_WAY, ("撤回", "withdrawn"))
    row.state, row.updated_at = "withdrawing", now
    row.save(update_fields=["state", "updated_at"])
    body = WithdrawalBody(actor.signature(DATA_OFFICER), text.strip()[:1000])
    tell("withdrawal", number, body, now, target=row.owner)
    _record("withdrawn", row, now)


def _officer(actor: Actor) -> None:
    if not (actor.agency and actor.has(DATA_OFFICER)):
        raise CascadeNotAllowed(
            needs_zh="申请部门的数据专员", needs_en="a data officer of the requesting agency"
        )


def _checked(owner: str, code: str, form: RequestInput) -> Entry:
    """The entry that is asked for. Raises: EntryUnknown, AskingInvalid."""
    entry = Entry.objects.filter(node=owner, code=code, state="published").first()
    if entry is None:
        raise EntryUnknown(resource=code[:64])
    body = msgspec.convert(entry.doc, EntryBody)
    if wrong := problems(
        body, modes=form.modes, fields=form.fields, lookups=[one.name for one in form.lookups], purposes=len(form.purposes),
        reason=form.reason, ways=form.delivery.ways if form.delivery else (),
    ):  # fmt: skip
        raise AskingInvalid(wrong)
    return entry


def _mine(actor: Actor, number: str, fits: Collection[str], step: tuple[str, str]) -> Asking:
    """A request of the actor's agency, made here. Raises: CascadeNotAllowed, AskingUnknown, AskingStateWrong."""
    _officer(actor)
    row = Asking.objects.select_for_update().filter(pk=number, origin=node(), consumer=actor.agency).first()
    if row is None:
        raise AskingUnknown(request=number[:100])
    if row.state not in fits:
        zh, en = STATES.get(row.state, (row.state, row.state))
        raise AskingStateWrong(number=number, state_zh=zh, state_en=en, step_zh=step[0], step_en=step[1])
    return row


def _record(step: str, row: Asking, now: datetime) -> None:
    record_event(
        f"request-{step}", now, consumer=row.consumer, provider=row.provider,
        resource=f"{row.resource}@{row.owner}", detail={"request": row.pk, "owner": row.owner},
    )  # fmt: skip
