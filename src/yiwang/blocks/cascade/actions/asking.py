"""An officer here asks for a resource of another node; its owner reviews and decides."""

from __future__ import annotations

from datetime import datetime

import msgspec

from yiwang.blocks.cascade.domain.asking import problems
from yiwang.blocks.cascade.domain.bodies import EntryBody, RequestBody
from yiwang.blocks.cascade.domain.errors import AskingInvalid, CascadeNotAllowed, EntryUnknown
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
    if not (actor.agency and actor.has(DATA_OFFICER)):
        raise CascadeNotAllowed(
            needs_zh="申请部门的数据专员", needs_en="a data officer of the requesting agency"
        )
    entry = Entry.objects.filter(node=owner, code=code, state="published").first()
    if entry is None:
        raise EntryUnknown(resource=code[:64])
    body = msgspec.convert(entry.doc, EntryBody)
    if wrong := problems(
        body, fields=form.fields, lookups=[one.name for one in form.lookups], purposes=len(form.purposes),
        reason=form.reason,
    ):  # fmt: skip
        raise AskingInvalid(wrong)
    number = f"{node()}-{next_number('K', now)}"
    wish: dict[str, object] = msgspec.to_builtins(form)
    Asking.objects.create(
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
    record_event(
        "request-sent", now, consumer=actor.agency, provider=entry.provider, resource=f"{code}@{owner}",
        detail={"request": number, "owner": owner},
    )  # fmt: skip
    return number
