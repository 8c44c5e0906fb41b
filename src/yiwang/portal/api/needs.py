"""Needs 供需对接: listed, stated, answered, joined, arbitrated, each through the same action as its page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeVar

import msgspec

from yiwang.blocks.demand import public as demand
from yiwang.blocks.identity.public import APPROVER, AUDITOR, DATA_OFFICER, REVIEWER
from yiwang.portal.api.operations import MOST_PAGE, PAGE, Call, Operation, Parameter, taking

TRADE = (DATA_OFFICER, APPROVER, REVIEWER, AUDITOR)
ONE = "/needs/{need}"
B = TypeVar("B")


class StateNeed(msgspec.Struct, forbid_unknown_fields=True):
    """A new need. `submit` hands it in at once; without it, it stays a draft."""

    need: demand.Statement
    submit: bool = False


class EditNeed(msgspec.Struct, forbid_unknown_fields=True):
    """A draft as it should be. `revision` is the one it was read in; null: whatever it is now."""

    need: demand.Statement
    revision: int | None = None


class NeedWords(msgspec.Struct, forbid_unknown_fields=True):
    """A step that needs no words, or a few."""

    text: str = ""
    revision: int | None = None


class AnswerNeed(msgspec.Struct, forbid_unknown_fields=True):
    """A holder's answer.

    `have` names a published entry in `resource`, `will` a day in `by`, `none` a reason (and in `hint` the agency that
    may hold it), `cannot` a reason with its legal `basis`.
    """

    kind: Literal["have", "will", "none", "cannot"]
    text: str = ""
    basis: str = ""
    resource: str = ""
    by: date | None = None
    hint: str = ""
    revision: int | None = None


class RouteNeed(msgspec.Struct, forbid_unknown_fields=True):
    """The bureau sends it to these agencies."""

    agencies: tuple[str, ...]
    text: str = ""
    revision: int | None = None


class AssignNeed(msgspec.Struct, forbid_unknown_fields=True):
    """The bureau finds who has to catalogue it by a day."""

    agency: str
    by: date
    text: str = ""
    revision: int | None = None


class MeetNeed(msgspec.Struct, forbid_unknown_fields=True):
    """The bureau finds that published entries meet it."""

    resources: tuple[str, ...]
    text: str = ""
    revision: int | None = None


class DeclineNeed(msgspec.Struct, forbid_unknown_fields=True):
    """The bureau ends it with a reasoned no; `law` needs a `basis`."""

    ground: Literal["law", "nobody"]
    text: str
    basis: str = ""
    revision: int | None = None


@dataclass(frozen=True)
class StatedNeed:
    """A need that was stated, and how it stands."""

    id: str
    state: str
    revision: int


def _list(call: Call) -> demand.NeedPage:
    return demand.needs(
        call.actor, call.now, tab=call.one_of("tab", demand.TABS, "open"), text=call.query.get("q", "")[:100],
        page=call.whole("page", 1, 1_000_000), per_page=call.whole("per_page", 20, MOST_PAGE),
    )  # fmt: skip


def _show(call: Call) -> demand.NeedView:
    return demand.need(call.actor, call.place["need"], call.now)


def _state(call: Call, said: StateNeed) -> StatedNeed:
    number = demand.state_need(call.actor, said.need, call.now)
    if said.submit:
        demand.submit_need(call.actor, number, call.now)
    view = demand.need(call.actor, number, call.now)
    return StatedNeed(number, view.row.state, view.revision)


def _edit(call: Call, said: EditNeed) -> demand.NeedView:
    demand.edit_need(call.actor, call.place["need"], said.need, call.now, seen=said.revision)
    return _show(call)


def _submit(call: Call, said: NeedWords) -> None:
    demand.submit_need(call.actor, call.place["need"], call.now, seen=said.revision)


def _join(call: Call, said: NeedWords) -> None:
    del said
    demand.join_need(call.actor, call.place["need"], call.now)


def _withdraw(call: Call, said: NeedWords) -> None:
    demand.withdraw_need(call.actor, call.place["need"], call.now, text=said.text, seen=said.revision)


def _dispute(call: Call, said: NeedWords) -> None:
    demand.dispute_need(call.actor, call.place["need"], said.text, call.now, seen=said.revision)


def _answer(call: Call, said: AnswerNeed) -> None:
    given = demand.Answer(said.kind, said.text, said.basis, said.resource, said.by, hint=said.hint)
    demand.answer_need(call.actor, call.place["need"], given, call.now, seen=said.revision)


def _route(call: Call, said: RouteNeed) -> None:
    demand.route_need(call.actor, call.place["need"], said.agencies, said.text, call.now, seen=said.revision)


def _assign(call: Call, said: AssignNeed) -> None:
    demand.assign_need(
        call.actor, call.place["need"], said.agency, said.by, said.text, call.now, seen=said.revision
    )


def _meet(call: Call, said: MeetNeed) -> None:
    demand.meet_need(call.actor, call.place["need"], said.resources, said.text, call.now, seen=said.revision)


def _decline(call: Call, said: DeclineNeed) -> None:
    demand.decline_need(
        call.actor, call.place["need"], said.ground, said.text, said.basis, call.now, seen=said.revision
    )


def _step(
    name: str, words: str, roles: tuple[str, ...], body: type[B], take: Callable[[Call, B], None]
) -> Operation:
    """An operation that takes a step and answers the need as it is then."""

    def taken(call: Call, said: B) -> demand.NeedView:
        take(call, said)
        return _show(call)

    return Operation(
        f"{name}Need", "POST", f"{ONE}/{name}", words, roles, taking(body, taken), demand.NeedView, body
    )


OPERATIONS = (
    Operation(
        "listNeeds", "GET", "/needs", "Needs in the caller's reach, first due first.", TRADE, _list, demand.NeedPage,
        query=(
            Parameter("tab", "open: all that go on; mine: the agency asks; routed: it has to answer; bureau: to be"
                      " arbitrated; done: ended", demand.TABS),
            Parameter("q", "words of the title, or the number"), *PAGE,
        ),
    ),
    Operation(
        "stateNeed", "POST", "/needs", "State a need, as a draft or handed in.", (DATA_OFFICER,),
        taking(StateNeed, _state), StatedNeed, StateNeed, status=201,
    ),
    Operation("getNeed", "GET", ONE, "One need, as much as the caller may see.", TRADE, _show, demand.NeedView),
    Operation(
        "editNeed", "PUT", ONE, "Change a draft.", (DATA_OFFICER,), taking(EditNeed, _edit), demand.NeedView,
        EditNeed,
    ),
    _step("submit", "Hand a draft in; it goes to its likely holders.", (DATA_OFFICER,), NeedWords, _submit),
    _step("join", "Ask for the same in the name of the caller's agency.", (DATA_OFFICER,), NeedWords, _join),
    _step("answer", "Answer as a likely holder.", (DATA_OFFICER,), AnswerNeed, _answer),
    _step("withdraw", "Take a need back.", (DATA_OFFICER,), NeedWords, _withdraw),
    _step("dispute", "Say that the outcome does not meet it.", (DATA_OFFICER,), NeedWords, _dispute),
    _step("route", "Arbitrate: send it to agencies.", (REVIEWER,), RouteNeed, _route),
    _step("assign", "Arbitrate: name the agency that has to catalogue it.", (REVIEWER,), AssignNeed, _assign),
    _step("meet", "Arbitrate: published entries meet it.", (REVIEWER,), MeetNeed, _meet),
    _step("decline", "Arbitrate: a reasoned no.", (REVIEWER,), DeclineNeed, _decline),
)  # fmt: skip
