"""A ticket to whoever mends a finding, through its life, as pure decisions.

新建 new → 派发 dispatched (the source unit knows and a day is set) → 整改 mending → 复核 review (said to be mended: the next
run looks) → 关闭 closed. A run that passes closes it from anywhere; one that fails again opens it again. 豁免 exempt, with
an end, is granted by the data bureau at the source unit's request: until then a failing run changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from yiwang.blocks.quality.domain import errors
from yiwang.blocks.quality.domain.errors import Problem

TicketState = Literal["new", "dispatched", "mending", "review", "closed", "exempt"]
Clock = Literal["keep", "start", "stop"]
STATES: dict[TicketState, tuple[str, str]] = {
    "new": ("新建", "new"),
    "dispatched": ("已派发", "dispatched"),
    "mending": ("整改中", "being mended"),
    "review": ("待复核", "under review"),
    "closed": ("已关闭", "closed"),
    "exempt": ("已豁免", "exempt"),
}
OPEN: frozenset[TicketState] = frozenset({"new", "dispatched", "mending", "review"})
TO_MEND: frozenset[TicketState] = frozenset({"dispatched", "mending"})
LONGEST_EXEMPTION = 366
"""Days after which an exemption must be asked for anew."""
OFFICER, REVIEWER, SYSTEM = "data_officer", "reviewer", "system"


@dataclass(frozen=True)
class By:
    """Who acts."""

    agency: str
    roles: frozenset[str]


@dataclass(frozen=True)
class Ticket:
    """The facts a decision needs.

    Attributes:
        agency: who mends; "" while nobody is named.
        relapses: how often it came back after it was closed.
        exempt_until: last day of an exemption.
        asked_until: last day of an exemption that was asked for and not decided.
    """

    id: str
    agency: str
    state: TicketState
    relapses: int = 0
    exempt_until: date | None = None
    asked_until: date | None = None


@dataclass(frozen=True)
class Step:
    """One line of the story."""

    name: str
    text: str = ""
    automatic: bool = False


@dataclass(frozen=True)
class Decision:
    """The ticket as it becomes, lines to write, and what happens to the clock."""

    ticket: Ticket
    steps: tuple[Step, ...]
    clock: Clock = "keep"


@dataclass(frozen=True)
class Failed:
    """A run found rows that break the rule: `failed` of `tested`."""

    tested: int
    failed: int
    today: date


@dataclass(frozen=True)
class Passed:
    """A run found none."""


@dataclass(frozen=True)
class Dropped:
    """The rule is no longer asked for, or the resource is no longer connected."""


@dataclass(frozen=True)
class Dispatch:
    """The bureau names who mends."""

    agency: str
    text: str = ""


@dataclass(frozen=True)
class Take:
    """The source unit begins to mend."""

    text: str = ""


@dataclass(frozen=True)
class Mended:
    """The source unit says that it is mended, and how."""

    text: str


@dataclass(frozen=True)
class AskExemption:
    """The source unit asks to leave it so until a day, with the reason."""

    until: date
    today: date
    text: str


@dataclass(frozen=True)
class Exempt:
    """The bureau grants what was asked for."""

    text: str = ""


@dataclass(frozen=True)
class Decline:
    """The bureau does not grant it."""

    text: str


@dataclass(frozen=True)
class Escalate:
    """Its day has passed."""


Command = Failed | Passed | Dropped | Dispatch | Take | Mended | AskExemption | Exempt | Decline | Escalate
_WORDS: dict[type, tuple[str, str]] = {
    Failed: ("记录检查结果", "noting a run"), Passed: ("关闭", "closing"), Dropped: ("关闭", "closing"),
    Dispatch: ("派发", "dispatching"), Take: ("开始整改", "taking it"), Mended: ("报告已整改", "reporting it mended"),
    AskExemption: ("申请豁免", "asking for an exemption"), Exempt: ("准予豁免", "granting an exemption"),
    Decline: ("不准豁免", "declining an exemption"), Escalate: ("督办", "escalating"),
}  # fmt: skip
_ALL: frozenset[TicketState] = frozenset(STATES)
_FITS: dict[type, frozenset[TicketState]] = {
    Failed: _ALL, Passed: _ALL, Dropped: _ALL, Dispatch: frozenset({"new", "dispatched", "mending"}),
    Take: frozenset({"dispatched"}), Mended: TO_MEND, AskExemption: frozenset({"dispatched", "mending", "review"}),
    Exempt: OPEN, Decline: OPEN, Escalate: TO_MEND,
}  # fmt: skip
COMMANDS: dict[str, type] = {
    "dispatch": Dispatch, "take": Take, "mended": Mended, "ask-exemption": AskExemption, "exempt": Exempt,
    "decline": Decline,
}  # fmt: skip
_SOURCE = (Take, Mended, AskExemption)
_BUREAU = (Dispatch, Exempt, Decline)


def opened(ticket_id: str, agency: str) -> Decision:
    """A new ticket; one whose source unit is known is dispatched at once."""
    new = Ticket(ticket_id, agency, "new")
    if not agency:
        return Decision(new, (Step("opened", automatic=True),))
    steps = (Step("opened", automatic=True), Step("dispatched", automatic=True))
    return Decision(replace(new, state="dispatched"), steps, "start")


def decide(ticket: Ticket, command: Command, by: By) -> Decision:
    """What `command`, given by this person, makes of the ticket; no steps: nothing changed.

    Raises: QualityNotAllowed, TicketStateWrong, TicketInvalid.
    """
    _check(ticket, type(command), by)
    match command:
        case Failed(tested, failed, today):
            return _failed(ticket, f"{failed} / {tested}", today)
        case Passed():
            return _closed(ticket, "passed")
        case Dropped():
            return _closed(ticket, "dropped")
        case Dispatch(agency, text):
            if not agency:
                raise errors.TicketInvalid(
                    (Problem("agency", "请选择整改的部门。", "Choose who is to mend it."),)
                )
            return Decision(
                replace(ticket, agency=agency, state="dispatched", asked_until=None),
                (Step("dispatched", text.strip()),), "start",
            )  # fmt: skip
        case Take(text):
            return Decision(replace(ticket, state="mending"), (Step("taken", text.strip()),))
        case Mended(text):
            return Decision(replace(ticket, state="review"), (Step("mended", _said(text)),))
        case AskExemption(until, today, text):
            if not 0 < (until - today).days <= LONGEST_EXEMPTION:
                raise errors.TicketInvalid(
                    (
                        Problem(
                            "until",
                            f"豁免到明天至 {LONGEST_EXEMPTION} 天内的某一天。",
                            f"An exemption ends within {LONGEST_EXEMPTION} days from tomorrow.",
                        ),
                    )
                )
            return Decision(replace(ticket, asked_until=until), (Step("exemption-asked", _said(text)),))
        case Exempt(text):
            changed = replace(ticket, state="exempt", exempt_until=ticket.asked_until, asked_until=None)
            return Decision(changed, (Step("exempted", text.strip()),), "stop")
        case Decline(text):
            return Decision(replace(ticket, asked_until=None), (Step("exemption-declined", _said(text)),))
        case Escalate():
            return Decision(ticket, (Step("overdue", automatic=True),))


def allowed(ticket: Ticket, by: By) -> frozenset[str]:
    """Names of the commands this person may give now: what a page offers."""
    names = set()
    for name, command in COMMANDS.items():
        try:
            _check(ticket, command, by)
        except errors.DataQualityError:
            continue
        names.add(name)
    return frozenset(names)


def _failed(ticket: Ticket, counts: str, today: date) -> Decision:
    match ticket.state:
        case "closed":
            again = replace(
                ticket, state="dispatched" if ticket.agency else "new", relapses=ticket.relapses + 1
            )
            return Decision(again, (Step("relapsed", counts, automatic=True),), "start")
        case "exempt" if ticket.exempt_until is not None and ticket.exempt_until >= today:
            return Decision(ticket, ())
        case "exempt":
            back = replace(ticket, state="dispatched", exempt_until=None)
            return Decision(back, (Step("exemption-over", counts, automatic=True),), "start")
        case "review":
            return Decision(
                replace(ticket, state="mending"), (Step("still-failing", counts, automatic=True),)
            )
        case _:
            return Decision(ticket, ())


def _closed(ticket: Ticket, step: str) -> Decision:
    if ticket.state == "closed":
        return Decision(ticket, ())
    changed = replace(ticket, state="closed", exempt_until=None, asked_until=None)
    return Decision(changed, (Step(step, automatic=True),), "stop")


def _said(text: str) -> str:
    if not text.strip():
        raise errors.TicketInvalid((Problem("text", "请写明情况。", "Say what was done or why."),))
    return text.strip()


def _check(ticket: Ticket, command: type, by: By) -> None:
    if command in _SOURCE:
        fits = OFFICER in by.roles and bool(by.agency) and by.agency == ticket.agency
        zh, en = "整改部门的数据专员", "a data officer of the agency that mends it"
    elif command in _BUREAU:
        fits, zh, en = REVIEWER in by.roles, "数据局审核员", "a reviewer of the data bureau"
    else:
        fits, zh, en = SYSTEM in by.roles, "平台", "the platform"
    if not fits:
        raise errors.QualityNotAllowed(needs_zh=zh, needs_en=en)
    undecided = command in {Exempt, Decline} and ticket.asked_until is None
    if ticket.state not in _FITS[command] or undecided:
        state_zh, state_en = STATES[ticket.state]
        step_zh, step_en = _WORDS[command]
        raise errors.TicketStateWrong(
            ticket=ticket.id, state_zh=state_zh, state_en=state_en, step_zh=step_zh, step_en=step_en
        )
