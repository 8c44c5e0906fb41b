"""What stands in the body of an event, by kind."""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import Meta

from yiwang.blocks.cascade.domain.errors import EventMalformed
from yiwang.blocks.cascade.domain.events import Event
from yiwang.blocks.cascade.domain.reasons import form

Short = Annotated[str, Meta(max_length=200)]
Long = Annotated[str, Meta(max_length=4000)]
Code = Annotated[str, Meta(min_length=1, max_length=64)]
Uscc = Annotated[str, Meta(min_length=18, max_length=18)]
B = TypeVar("B")


class NodeBody(msgspec.Struct, frozen=True):
    """`node`: a node that can be reached through the one that says so."""

    title: Short
    level: Short


class AgencyBody(msgspec.Struct, frozen=True):
    """`agency`: an agency of the origin; the subject is its 统一社会信用代码."""

    name: Short
    name_en: Short = ""
    short: Short = ""
    short_en: Short = ""
    active: bool = True


class ItemBody(msgspec.Struct, frozen=True):
    """One item of a published entry, with how it may be looked up."""

    name: Short
    title: Short
    title_en: Short = ""
    type: Short = "text"
    operators: tuple[str, ...] = ()
    """Empty for an item that is not served."""
    narrows: bool = False
    served: bool = False
    sensitive: bool = False
    mask: str | None = None


class EntryBody(msgspec.Struct, frozen=True):
    """`entry`: a catalogue entry as published, or (`state`) withdrawn; the subject is its code."""

    title: Short
    provider: Uscc
    provider_name: Short
    version: int
    state: Literal["published", "withdrawn"]
    title_en: Short = ""
    summary: Long = ""
    summary_en: Long = ""
    share_type: Short = ""
    share_condition: Long = ""
    update_cycle: Short = ""
    modes: tuple[str, ...] = ()
    items: tuple[ItemBody, ...] = ()


class RequestBody(msgspec.Struct, frozen=True):
    """`request`: asked for at the origin, decided at the target; the subject is its number there."""

    resource: Code
    title: Short
    provider: Uscc
    provider_name: Short
    consumer: Uscc
    consumer_name: Short
    applicant: Short
    reason: Long
    wish: dict[str, object]
    """The wish as `exchange.RequestInput` in JSON."""


class AmendmentBody(msgspec.Struct, frozen=True):
    """`amendment`: a returned request, changed and handed in again; the subject is the asker's number."""

    applicant: Short
    wish: dict[str, object]
    """As in `request`; its reason replaces the one before."""


class WithdrawalBody(msgspec.Struct, frozen=True):
    """`withdrawal`: a request that is not needed any more; the subject is the asker's number."""

    applicant: Short
    text: Long = ""


class DecisionBody(msgspec.Struct, frozen=True):
    """`decision`: how far a request is at its owner; the subject is the asker's number."""

    state: Short
    number: Short
    """Its number at the owning node."""
    text: Long = ""
    basis: Long = ""
    due: str = ""
    """Until when it must be answered, as a date; "" when no clock runs."""
    grant: Short = ""
    refusal: object = None
    """What the node itself says against a step, see `domain.refusal`; `text` repeats it where no person wrote one."""


class GrantBody(msgspec.Struct, frozen=True):
    """`grant`: a grant as its owner holds it; the subject is its number there."""

    state: Short
    doc: Annotated[str, Meta(max_length=65_536)]
    """The compiled grant as JSON."""
    resource_title: Short
    provider: Uscc
    provider_name: Short
    request: Short = ""
    """The asker's number of the request it came from."""
    reason: Long = ""


class StatisticsBody(msgspec.Struct, frozen=True):
    """`statistics`: a figure of the origin on a day; the subject is its name."""

    day: Annotated[str, Meta(min_length=10, max_length=10)]
    value: int


class NeedBody(msgspec.Struct, frozen=True):
    """`need`: a need 需求 that the origin's bureau passes up; the subject is `NODE-NUMBER`."""

    need: Code
    title: Short
    agency: Uscc
    agency_name: Short
    text: Long
    items: Annotated[tuple[Short, ...], Meta(max_length=100)] = ()
    stated_at: Annotated[str, Meta(max_length=40)] = ""


class SupplyBody(msgspec.Struct, frozen=True):
    """`supply`: what a node above answers on a need; the subject is the need's."""

    state: Literal["met", "declined"]
    text: Long
    answered_by: Short
    resource: Annotated[str, Meta(max_length=64)] = ""


class ReceiptBody(msgspec.Struct, frozen=True):
    """`receipt`: what was received under a grant of the target in a day; the subject is the grant's number."""

    day: Annotated[str, Meta(min_length=10, max_length=10)]
    mode: Literal["api", "table", "file"]
    times: Annotated[int, Meta(ge=0)]
    rows: Annotated[int, Meta(ge=0)]


class ReturnBody(msgspec.Struct, frozen=True):
    """`return`: rows of the target's own division may be asked for (or no more); the subject is the resource's code."""

    title: Short
    provider: Uscc
    provider_name: Short
    field: Short
    division: Annotated[str, Meta(min_length=2, max_length=12)]
    state: Literal["offered", "ended"]
    offered_by: Short = ""


class DisputeBody(msgspec.Struct, frozen=True):
    """`dispute`: wrong data, said by who received it; the subject is its number at the origin.

    Values are sealed for nobody: a field's content goes only where the data itself may go, and never into evidence.
    """

    resource: Code
    title: Short
    provider: Uscc
    consumer: Uscc
    consumer_name: Short
    grant: Short
    key: dict[str, str]
    """Names the row: items with their values."""
    field: Short
    given: Short
    proposed: Short
    reason: Long


class AnswerBody(msgspec.Struct, frozen=True):
    """`answer`: how far a dispute is at its owner; `open`, with the day it is due, when it has come there."""

    state: Literal["open", "accepted", "upheld", "rejected", "escalated"]
    text: Long = ""
    due: Annotated[str, Meta(max_length=40)] = ""
    value: Short = ""
    """The corrected value, where it was found wrong."""
    refusal: object = None
    """As in `decision`."""


class CorrectionBody(msgspec.Struct, frozen=True):
    """`correction`: a row that was put right, to everyone who received it; the subject is the resource's code."""

    dispute: Short
    title: Short
    consumer: Uscc
    key: dict[str, str]
    field: Short
    value: Short
    text: Long = ""


class AlarmBody(msgspec.Struct, frozen=True):
    """`alarm`: evidence of a node that does not hold together; the subject is `node/log`."""

    node: Short
    log: Short
    kind: Short
    zh: Long
    en: Long
    start: int | None = None
    stop: int | None = None
    index: int | None = None


class CardBody(msgspec.Struct, frozen=True):
    """`card`: a later card of the origin."""

    card: str
    kid: str
    signature: str


class LeaveBody(msgspec.Struct, frozen=True):
    """`leave`: the origin ends the cascade with this node."""

    reason: Long = ""


def body_of(event: Event, kind: type[B]) -> B:
    """The body as its kind's type. Raises: EventMalformed."""
    try:
        return msgspec.convert(event.body, kind)
    except msgspec.ValidationError as problem:
        raise EventMalformed(event=event.id, kind=event.kind, **form(problem).facts) from problem


def document(body: msgspec.Struct) -> dict[str, object]:
    """A body as JSON values."""
    made: dict[str, object] = msgspec.to_builtins(body)
    return made
