"""Raising a dispute 校核 and answering it; the corrected row goes back to everyone who received it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import msgspec

from yiwang.blocks.cascade.actions.handling.disputes import keep_correction
from yiwang.blocks.cascade.domain.bodies import AnswerBody, CorrectionBody, DisputeBody, EntryBody
from yiwang.blocks.cascade.domain.dispute import STATES, DisputeForm, answer_problems, problems
from yiwang.blocks.cascade.domain.errors import (
    AskingInvalid,
    AskingStateWrong,
    CascadeNotAllowed,
    DisputeUnknown,
    EntryUnknown,
    NotARecipient,
)
from yiwang.blocks.cascade.store.clock import start_clock
from yiwang.blocks.cascade.store.everything import EVERYTHING
from yiwang.blocks.cascade.store.here import node
from yiwang.blocks.cascade.store.models import Asking, Dispute, Entry, ForeignGrant
from yiwang.blocks.cascade.store.outgoing import tell
from yiwang.blocks.catalogue.public import resources_by_code
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.public import as_actor, next_number
from yiwang.blocks.identity.public import APPROVER, DATA_OFFICER, Actor, acting
from yiwang.blocks.journal.public import by_resource, record_event

FIRST_DAY = date(2000, 1, 1)


@as_actor
def raise_dispute(actor: Actor, owner: str, code: str, form: DisputeForm, now: datetime) -> str:
    """Say that a row and field of a resource are wrong; `owner` is the node ("" for this one). Returns its number.

    Raises: CascadeNotAllowed, EntryUnknown, NotARecipient, AskingInvalid, NodeUnknown.
    """
    if not (actor.agency and actor.has(DATA_OFFICER)):
        raise CascadeNotAllowed(needs_zh="接收方的数据专员", needs_en="a data officer of the recipient")
    ours = owner in ("", node())
    title, provider, fields = _resource(node() if ours else owner, code)
    grant = (
        exchange.handing.held_grant(actor.agency, code) if ours else _foreign_grant(actor.agency, owner, code)
    )
    if grant is None:
        raise NotARecipient(resource=code)
    if wrong := problems(form, fields):
        raise AskingInvalid(wrong)
    number = f"{node()}-{next_number('J', now)}"
    due = start_clock(provider, now) if ours else None
    key = {name: value.strip() for name, value in form.key.items() if value.strip()}
    Dispute.objects.create(
        id=number, origin=node(), owner=node() if ours else owner, resource=code, title=title,
        provider=provider, consumer=actor.agency, consumer_name=actor.agency_name, grant=grant, key=key,
        field=form.field, given=form.given.strip(), proposed=form.proposed.strip(), reason=form.reason.strip(),
        state="open" if ours else "sent", raised_by=actor.signature(DATA_OFFICER),
        due_at=due.at if due else None, due_days=due.days if due else 0, created_at=now, updated_at=now,
    )  # fmt: skip
    if ours:
        exchange.tell(
            "dispute-raised", now, agency=provider, roles=exchange.OFFICERS, link=f"dispute:{number}",
            dispute=number, resource=title, consumer=actor.agency_name, text=form.reason[:300],
        )  # fmt: skip
    else:
        body = DisputeBody(
            resource=code, title=title, provider=provider, consumer=actor.agency,
            consumer_name=actor.agency_name, grant=grant, key=key, field=form.field, given=form.given.strip(),
            proposed=form.proposed.strip(), reason=form.reason.strip()[:4000],
        )  # fmt: skip
        tell("dispute", number, body, now, target=owner)
    _record("raised", number, actor.agency, provider, code, now)
    return number


@as_actor
def answer_dispute(
    actor: Actor, number: str, outcome: str, text: str, now: datetime, *, value: str = ""
) -> None:
    """The provider says what it found. Where the data were wrong, everyone who received the row is told.

    Raises: DisputeUnknown, CascadeNotAllowed, AskingStateWrong, AskingInvalid.
    """
    row = Dispute.objects.select_for_update().filter(pk=number, owner=node()).first()
    if row is None:
        raise DisputeUnknown(dispute=number[:100])
    if row.provider != actor.agency or not actor.has(DATA_OFFICER, APPROVER):
        raise CascadeNotAllowed(
            needs_zh="提供方的数据专员或审批人", needs_en="a data officer or approver of the provider"
        )
    if row.state != "open":
        zh, en = STATES[row.state]
        raise AskingStateWrong(number=number, state_zh=zh, state_en=en, step_zh="答复", step_en="answered")
    if wrong := answer_problems(outcome, text, value):
        raise AskingInvalid(wrong)
    accepted = outcome == "accepted"
    row.state, row.answer, row.value = outcome, text.strip(), value.strip() if accepted else ""
    row.answered_by, row.updated_at = actor.signature(DATA_OFFICER, APPROVER), now
    row.save()
    if row.origin == node():
        exchange.tell(
            f"dispute-{outcome}", now, agency=row.consumer, roles=exchange.OFFICERS, link=f"dispute:{number}",
            dispute=number, resource=row.title, text=text[:300],
        )  # fmt: skip
    else:
        body = AnswerBody("accepted" if accepted else "upheld", row.answer[:4000], "", row.value)
        tell("answer", number, body, now, target=row.origin)
    if accepted:
        _tell_recipients(row, now)
    _record(outcome, number, row.consumer, row.provider, row.resource, now)


def escalate_late(now: datetime) -> int:
    """Disputes whose day has passed in silence come before the bureau, once; silence is never assent."""
    with acting(exchange.SYSTEM):
        late = Dispute.objects.select_for_update().filter(
            owner=node(), state="open", due_at__lt=now, escalated_at=None
        )
        for row in late:
            row.escalated_at = now
            row.save(update_fields=["escalated_at"])
            for agency, roles in (("", exchange.REVIEWERS), (row.provider, exchange.OFFICERS)):
                exchange.tell(
                    "dispute-escalated", now, agency=agency, roles=roles, link=f"dispute:{row.id}",
                    dispute=row.id, resource=row.title, text="",
                )  # fmt: skip
            if row.origin != node():
                tell("answer", row.id, AnswerBody("escalated"), now, target=row.origin)
        return len(late)


def _tell_recipients(row: Dispute, now: datetime) -> None:
    """Everyone with a grant in force, and everyone whom the journal knows to have received the resource."""
    with acting(exchange.SYSTEM):
        consumers = {consumer for consumer, _, _ in exchange.handing.consumers_of(row.resource)}
        consumers |= {
            one.consumer
            for one in by_resource(EVERYTHING, FIRST_DAY, now.date() + timedelta(days=1))
            if one.resource == row.resource and one.consumer
        }
        for consumer in sorted(consumers):
            body = CorrectionBody(
                dispute=row.id, title=row.title, consumer=consumer, key=row.key, field=row.field,
                value=row.value, text=row.answer[:4000],
            )  # fmt: skip
            asking = Asking.objects.filter(consumer=consumer, resource=row.resource, owner=node())
            foreign = asking.exclude(origin=node()).first()
            if foreign is None:
                keep_correction(node(), row.resource, body, now)
            else:
                tell("correction", row.resource, body, now, target=foreign.origin)


def _resource(owner: str, code: str) -> tuple[str, str, frozenset[str]]:
    """Title, provider and items. Raises: EntryUnknown."""
    if owner == node():
        found = resources_by_code({code}).get(code)
        if found is None or found.state != "published":
            raise EntryUnknown(resource=code[:64])
        return found.title, found.provider, frozenset(item.wire for item in found.items)
    entry = Entry.objects.filter(node=owner, code=code).first()
    if entry is None:
        raise EntryUnknown(resource=code[:64])
    body = msgspec.convert(entry.doc, EntryBody)
    return body.title, body.provider, frozenset(item.name for item in body.items)


def _foreign_grant(agency: str, owner: str, code: str) -> str | None:
    rows = ForeignGrant.objects.filter(owner=owner, resource=code, consumer=agency, state="active")
    return rows.values_list("number", flat=True).first()


def _record(step: str, number: str, consumer: str, provider: str, code: str, now: datetime) -> None:
    record_event(
        f"dispute-{step}",
        now,
        consumer=consumer,
        provider=provider,
        resource=code,
        detail={"dispute": number},
    )
