"""Requests for use 使用申请 and their decisions, and grants as they stand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.identity.public import APPROVER, AUDITOR, DATA_OFFICER, REVIEWER
from yiwang.portal.api.operations import MOST_PAGE, PAGE, Call, Operation, Parameter, taking

B = TypeVar("B")
TRADE = (DATA_OFFICER, APPROVER, REVIEWER, AUDITOR)
ONE = "/requests/{number}"
LISTS = ("mine", "review", "decide", "decided")
STATES = ("", "open", *exchange.REQUEST_STATES)
SIDES = ("", "provider", "consumer")


class AskFor(msgspec.Struct, forbid_unknown_fields=True):
    """A request for a resource. `submit` hands it in at once; without it, it stays a draft."""

    resource: str
    request: exchange.RequestInput
    submit: bool = False


class EditRequest(msgspec.Struct, forbid_unknown_fields=True):
    """A draft, or a returned request, as it should be. `revision` is the one it was read in."""

    request: exchange.RequestInput
    revision: int | None = None


class RequestWords(msgspec.Struct, forbid_unknown_fields=True):
    """A step with its words; a refusal needs a legal `basis`, putting off the consumer's `consent`."""

    text: str = ""
    basis: str = ""
    consent: str = ""
    revision: int | None = None


class Approve(msgspec.Struct, forbid_unknown_fields=True):
    """The provider's yes, on the terms asked for or on narrower ones."""

    approval: exchange.Approval = msgspec.field(default_factory=exchange.Approval)
    revision: int | None = None


@dataclass(frozen=True)
class AskedFor:
    """A request that was made, and how it stands; `grant` where it was granted at once."""

    id: str
    state: str
    revision: int
    grant: str | None


@dataclass(frozen=True)
class GrantList:
    """Grants of the caller's agency."""

    rows: tuple[exchange.GrantRow, ...]


def _list(call: Call) -> exchange.RequestPage:
    page, size = call.whole("page", 1, 1_000_000), call.whole("per_page", 20, MOST_PAGE)
    match call.one_of("list", LISTS, "mine"):
        case "review":
            return exchange.review_queue(call.actor, call.now, page=page, per_page=size)
        case "decide":
            return exchange.decision_queue(call.actor, call.now, page=page, per_page=size)
        case "decided":
            return exchange.decision_queue(call.actor, call.now, done=True, page=page, per_page=size)
        case _:
            state = call.one_of("state", STATES, "")
            return exchange.my_requests(call.actor, call.now, state=state, page=page, per_page=size)


def _show(call: Call) -> exchange.RequestView:
    return exchange.request(call.actor, call.place["number"], call.now)


def _ask(call: Call, said: AskFor) -> AskedFor:
    number = exchange.create_request(call.actor, said.resource, said.request, call.now)
    if said.submit:
        exchange.submit_request(call.actor, number, call.now)
    view = exchange.request(call.actor, number, call.now)
    return AskedFor(number, view.state, view.revision, view.grant)


def _edit(call: Call, said: EditRequest) -> exchange.RequestView:
    exchange.edit_request(call.actor, call.place["number"], said.request, call.now, seen=said.revision)
    return _show(call)


def _submit(call: Call, said: RequestWords) -> None:
    exchange.submit_request(call.actor, call.place["number"], call.now, seen=said.revision)


def _withdraw(call: Call, said: RequestWords) -> None:
    exchange.withdraw_request(call.actor, call.place["number"], call.now, text=said.text, seen=said.revision)


def _accept(call: Call, said: RequestWords) -> None:
    exchange.accept_request(call.actor, call.place["number"], call.now, text=said.text, seen=said.revision)


def _return(call: Call, said: RequestWords) -> None:
    exchange.return_request(call.actor, call.place["number"], said.text, call.now, seen=said.revision)


def _reject(call: Call, said: RequestWords) -> None:
    exchange.reject_request(call.actor, call.place["number"], said.text, call.now, seen=said.revision)


def _approve(call: Call, said: Approve) -> None:
    exchange.approve_request(call.actor, call.place["number"], said.approval, call.now, seen=said.revision)


def _refuse(call: Call, said: RequestWords) -> None:
    exchange.refuse_request(
        call.actor, call.place["number"], said.text, said.basis, call.now, seen=said.revision
    )


def _extend(call: Call, said: RequestWords) -> None:
    exchange.extend_request(
        call.actor, call.place["number"], said.text, said.consent, call.now, seen=said.revision
    )


def _grants(call: Call) -> GrantList:
    return GrantList(
        exchange.grants(
            call.actor, side=call.one_of("side", SIDES, ""), resource=call.query.get("resource", "")[:64],
            state=call.one_of("state", ("", *exchange.GRANT_STATES), ""),
        )
    )  # fmt: skip


def _grant(call: Call) -> exchange.GrantView:
    return exchange.grant(call.actor, call.place["grant"], call.now)


def _step(
    name: str, words: str, roles: tuple[str, ...], body: type[B], take: Callable[[Call, B], None]
) -> Operation:
    """An operation that takes a step and answers the request as it is then."""

    def taken(call: Call, said: B) -> exchange.RequestView:
        take(call, said)
        return _show(call)

    return Operation(
        f"{name}Request",
        "POST",
        f"{ONE}/{name}",
        words,
        roles,
        taking(body, taken),
        exchange.RequestView,
        body,
    )


OPERATIONS = (
    Operation(
        "listRequests", "GET", "/requests", "Requests of the caller's agency, or that wait for it.", TRADE, _list,
        exchange.RequestPage,
        query=(
            Parameter("list", "mine: made by the agency; review: wait for formal review; decide: wait for the agency as"
                      " provider; decided: answered by it", LISTS),
            Parameter("state", "of mine: one state, or open for all that go on", STATES[1:]), *PAGE,
        ),
    ),
    Operation(
        "askForResource", "POST", "/requests", "Ask for a resource, as a draft or handed in.", (DATA_OFFICER,),
        taking(AskFor, _ask), AskedFor, AskFor, status=201,
    ),
    Operation(
        "getRequest", "GET", ONE, "One request with its ledger and what the caller may do.", TRADE, _show,
        exchange.RequestView,
    ),
    Operation(
        "editRequest", "PUT", ONE, "Change a draft or a returned request.", (DATA_OFFICER,),
        taking(EditRequest, _edit), exchange.RequestView, EditRequest,
    ),
    _step("submit", "Hand it in.", (DATA_OFFICER,), RequestWords, _submit),
    _step("withdraw", "Take it back.", (DATA_OFFICER,), RequestWords, _withdraw),
    _step("accept", "Formal review: it goes to the provider.", (REVIEWER,), RequestWords, _accept),
    _step("return", "Formal review: back to be mended.", (REVIEWER,), RequestWords, _return),
    _step("reject", "Formal review: it does not pass.", (REVIEWER,), RequestWords, _reject),
    _step("approve", "The provider's yes.", (DATA_OFFICER, APPROVER), Approve, _approve),
    _step("refuse", "The provider's no, with its basis.", (DATA_OFFICER, APPROVER), RequestWords, _refuse),
    _step("extend", "The provider puts the answer off.", (DATA_OFFICER, APPROVER), RequestWords, _extend),
    Operation(
        "listGrants", "GET", "/grants", "Grants of the caller's agency on either side.", TRADE, _grants, GrantList,
        query=(
            Parameter("side", "provider or consumer; both without it", SIDES[1:]),
            Parameter("resource", "code of the resource"),
            Parameter("state", "one state", tuple(exchange.GRANT_STATES)),
        ),
    ),
    Operation(
        "getGrant", "GET", "/grants/{grant}", "One grant with its terms.", TRADE, _grant, exchange.GrantView
    ),
)  # fmt: skip
