"""A need through its life, as pure decisions.

draft → routed (its likely holders have a day to answer by) → met | promised (a holder catalogues it by a date) →
met. When all refuse, none holds it, several claim it, or a deadline passes in silence, the data bureau arbitrates
and ends it as promised, met, or declined with a reason. Silence is escalated; it is never assent.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from yiwang.blocks.demand.domain import errors
from yiwang.vocabulary.forms import Problem

NeedState = Literal["draft", "routed", "arbitration", "promised", "met", "declined", "withdrawn"]
AnswerKind = Literal["", "have", "will", "none", "cannot", "released"]
Why = Literal["", "nobody", "refused", "silent", "several", "unmatched", "broken", "disputed"]
"""Why a need is before the data bureau."""
DeclineGround = Literal["law", "nobody"]
Clock = Literal["keep", "stop", "reply", "arbitration"]
STATES: dict[NeedState, tuple[str, str]] = {
    "draft": ("草稿", "a draft"),
    "routed": ("待提供方答复", "with its likely holders"),
    "arbitration": ("待数据局裁定", "before the data bureau"),
    "promised": ("已承诺编目", "promised"),
    "met": ("已满足", "met"),
    "declined": ("不能满足", "declined"),
    "withdrawn": ("已撤回", "withdrawn"),
}
OPEN: frozenset[NeedState] = frozenset({"routed", "arbitration", "promised"})
OFFICER, REVIEWER, SYSTEM = "data_officer", "reviewer", "system"


@dataclass(frozen=True)
class By:
    """Who acts."""

    id: int
    agency: str
    roles: frozenset[str]


@dataclass(frozen=True)
class Candidate:
    """A likely holder: what it answered ("" while it is silent), and the entry it drafts where it promised one."""

    agency: str
    answer: AnswerKind = ""
    resource: str = ""


@dataclass(frozen=True)
class Need:
    """The facts a decision needs. `why` says why it is before the bureau."""

    id: str
    agency: str
    author: int
    state: NeedState
    askers: tuple[str, ...]
    candidates: tuple[Candidate, ...] = ()
    resources: tuple[str, ...] = ()
    why: Why = ""

    def candidate(self, agency: str) -> Candidate | None:
        """The agency as a holder, or None."""
        return next((one for one in self.candidates if one.agency == agency), None)


@dataclass(frozen=True)
class Step:
    """One line of the ledger."""

    name: str
    text: str = ""
    basis: str = ""
    automatic: bool = False


@dataclass(frozen=True)
class Decision:
    """The need as it becomes, the lines to write, what happens to the clock, and who is asked anew."""

    need: Need
    steps: tuple[Step, ...]
    clock: Clock = "keep"
    asked: tuple[str, ...] = ()


@dataclass(frozen=True)
class Edit:
    """The author changes the draft."""


@dataclass(frozen=True)
class Submit:
    """The author hands it in; `holders` are those the search found, most likely first."""

    holders: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """A holder answers.

    `have` names its published entry, `will` a day by which it is catalogued, `none` a reason (and who may hold it),
    `cannot` a reason with its legal basis.
    """

    kind: Literal["have", "will", "none", "cannot"]
    text: str = ""
    basis: str = ""
    resource: str = ""
    by: date | None = None
    today: date | None = None
    hint: str = ""


@dataclass(frozen=True)
class Join:
    """Another agency needs the same."""


@dataclass(frozen=True)
class Route:
    """The bureau sends it to these agencies."""

    agencies: tuple[str, ...]
    text: str = ""


@dataclass(frozen=True)
class Assign:
    """The bureau finds that this agency is the source and has to catalogue it by a day."""

    agency: str
    by: date
    today: date
    text: str


@dataclass(frozen=True)
class Meet:
    """The bureau finds that these published entries meet it."""

    resources: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Decline:
    """The bureau ends it with a reason: a law forbids it, or nobody holds it."""

    ground: DeclineGround
    text: str
    basis: str = ""


@dataclass(frozen=True)
class Dispute:
    """The author says that what was named does not meet the need."""

    text: str


@dataclass(frozen=True)
class Withdraw:
    """The author takes it back."""

    text: str = ""


@dataclass(frozen=True)
class Escalate:
    """A day has passed: that of the answers, or that of a promise."""


@dataclass(frozen=True)
class Published:
    """The entry that was promised stands in the catalogue."""

    resource: str


Command = (
    Edit | Submit | Answer | Join | Route | Assign | Meet | Decline | Dispute | Withdraw | Escalate | Published
)  # fmt: skip
_WORDS: dict[type, tuple[str, str]] = {
    Edit: ("修改", "editing"), Submit: ("提交", "submitting"), Answer: ("答复", "answering"),
    Join: ("附议", "joining"), Route: ("转交", "routing"), Assign: ("指定", "assigning"),
    Meet: ("认定已满足", "naming a resource"), Decline: ("答复不能满足", "declining"),
    Dispute: ("提出异议", "disputing"), Withdraw: ("撤回", "withdrawing"), Escalate: ("督办", "escalating"),
    Published: ("办结", "closing"),
}  # fmt: skip
_FITS: dict[type, frozenset[NeedState]] = {
    Edit: frozenset({"draft"}), Submit: frozenset({"draft"}), Answer: frozenset({"routed", "promised"}),
    Join: OPEN, Route: frozenset({"routed", "arbitration"}), Assign: frozenset({"arbitration"}),
    Meet: frozenset({"routed", "arbitration"}), Decline: frozenset({"arbitration"}),
    Dispute: frozenset({"met", "declined"}), Withdraw: frozenset({"draft", *OPEN}),
    Escalate: frozenset({"routed", "arbitration", "promised"}), Published: frozenset({"promised"}),
}  # fmt: skip
COMMANDS: dict[str, type] = {
    "edit": Edit, "submit": Submit, "answer": Answer, "join": Join, "route": Route, "assign": Assign,
    "meet": Meet, "decline": Decline, "dispute": Dispute, "withdraw": Withdraw,
}  # fmt: skip
_AUTHORS = (Edit, Submit, Dispute, Withdraw)
_BUREAU = (Route, Assign, Meet, Decline)


def decide(need: Need, command: Command, by: By) -> Decision:
    """What `command`, given by this person, makes of the need.

    Raises: NeedNotAllowed, OwnNeed, NeedStateWrong, NeedInvalid, AnsweredAlready, JoinedAlready.
    """
    _check(need, type(command), by)
    match command:
        case Edit():
            return Decision(need, (Step("edited"),))
        case Submit(holders):
            return _submit(need, holders)
        case Answer():
            return _answer(need, command, by.agency)
        case Join():
            return Decision(replace(need, askers=(*need.askers, by.agency)), (Step("joined"),))
        case Route(agencies, text):
            return _route(need, agencies, text)
        case Assign():
            return _assign(need, command)
        case Meet(resources, text):
            _need_text(resources, "resources", "请选择目录。", "Choose an entry.")
            return _end(replace(need, resources=resources), "met", Step("met", _said(text)))
        case Decline(ground, text, basis):
            if ground == "law":
                _need_text(basis, "basis", "请写明法律依据。", "Name the law.")
            return _end(need, "declined", Step("declined", _said(text), basis.strip()))
        case Dispute(text):
            changed = replace(need, state="arbitration", why="disputed", resources=())
            return Decision(changed, (Step("disputed", _said(text)),), "arbitration")
        case Withdraw(text):
            return _end(need, "withdrawn", Step("withdrawn", text.strip()))
        case Escalate():
            return _escalate(need)
        case Published(resource):
            return _end(replace(need, resources=(resource,)), "met", Step("published", automatic=True))


def allowed(need: Need, by: By) -> frozenset[str]:
    """Names of the commands this person may give now: what a page offers."""
    names = set()
    for name, command in COMMANDS.items():
        try:
            _check(need, command, by)
        except errors.DemandError:
            continue
        names.add(name)
    return frozenset(names)


def _submit(need: Need, holders: tuple[str, ...]) -> Decision:
    asked = tuple(dict.fromkeys(one for one in holders if one != need.agency))
    if not asked:
        changed = replace(need, state="arbitration", why="unmatched")
        return Decision(changed, (Step("submitted"), Step("unmatched", automatic=True)), "arbitration")
    routed = replace(need, state="routed", candidates=tuple(Candidate(one) for one in asked))
    return Decision(routed, (Step("submitted"), Step("routed", automatic=True)), "reply", asked)


def _answer(need: Need, answer: Answer, agency: str) -> Decision:
    _check_answer(answer)
    resource = answer.resource if answer.kind == "have" else ""
    mine = Candidate(agency, answer.kind, resource)
    candidates = tuple(mine if one.agency == agency else one for one in need.candidates)
    answered = replace(need, candidates=candidates)
    step = Step(f"answered-{answer.kind}", answer.text.strip(), answer.basis.strip())
    claims = [one for one in candidates if one.answer in {"have", "will"}]
    if len(claims) > 1:
        return _to_bureau(answered, "several", step)
    if answer.kind == "have":
        return _end(replace(answered, resources=(resource,)), "met", step)
    if answer.kind == "will":
        return Decision(replace(answered, state="promised", why=""), (step,), "stop")
    if need.state == "promised" or any(not one.answer for one in candidates):
        return Decision(answered, (step,))
    refused = any(one.answer == "cannot" for one in candidates)
    return _to_bureau(answered, "refused" if refused else "nobody", step)


def _check_answer(answer: Answer) -> None:
    match answer.kind:
        case "have":
            _need_text(answer.resource, "resource", "请填写目录编码。", "Give the code of the entry.")
        case "will":
            if answer.by is None or (answer.today is not None and answer.by < answer.today):
                raise errors.NeedInvalid(
                    (Problem("by", "请给出今天或以后的日期。", "Give a day, today or later."),)
                )
        case "none":
            _said(answer.text)
        case "cannot":
            _said(answer.text)
            _need_text(answer.basis, "basis", "请写明法律依据。", "Name the law.")


def _route(need: Need, agencies: tuple[str, ...], text: str) -> Decision:
    asked = tuple(dict.fromkeys(one for one in agencies if one and one not in need.askers))
    _need_text(asked, "agencies", "请选择需求方以外的部门。", "Choose an agency other than those who ask.")
    kept = tuple(one for one in need.candidates if one.agency not in asked)
    candidates = (*kept, *(Candidate(one) for one in asked))
    routed = replace(need, state="routed", why="", candidates=candidates)
    return Decision(routed, (Step("rerouted", text.strip()),), "reply", asked)


def _assign(need: Need, command: Assign) -> Decision:
    if command.by < command.today:
        raise errors.NeedInvalid((Problem("by", "请给出今天或以后的日期。", "Give a day, today or later."),))
    if command.agency in need.askers:
        raise errors.NeedInvalid(
            (Problem("agency", "请选择需求方以外的部门。", "Choose an agency other than those who ask."),)
        )
    known = need.candidate(command.agency)
    others = (
        replace(one, answer="released") if one.answer in {"have", "will"} else one
        for one in need.candidates
        if one.agency != command.agency
    )
    mine = Candidate(command.agency, "will", known.resource if known else "")
    promised = replace(need, state="promised", why="", candidates=(*others, mine))
    return Decision(promised, (Step("assigned", _said(command.text)),), "stop")


def _escalate(need: Need) -> Decision:
    if need.state == "arbitration":
        return Decision(need, (Step("overdue", automatic=True),))
    why: Why = "broken" if need.state == "promised" else "silent"
    return _to_bureau(need, why, Step(f"escalated-{why}", automatic=True))


def _to_bureau(need: Need, why: Why, step: Step) -> Decision:
    return Decision(replace(need, state="arbitration", why=why), (step,), "arbitration")


def _end(need: Need, state: NeedState, step: Step) -> Decision:
    return Decision(replace(need, state=state, why=""), (step,), "stop")


def _said(text: str) -> str:
    _need_text(text.strip(), "text", "请写明理由。", "Give a reason.")
    return text.strip()


def _need_text(value: str | tuple[str, ...], where: str, zh: str, en: str) -> None:
    given = value.strip() if isinstance(value, str) else value
    if not given:
        raise errors.NeedInvalid((Problem(where, zh, en),))


def _check(need: Need, command: type, by: By) -> None:
    _check_person(need, command, by)
    if need.state not in _FITS[command]:
        state_zh, state_en = STATES[need.state]
        step_zh, step_en = _WORDS[command]
        raise errors.NeedStateWrong(
            need=need.id, state_zh=state_zh, state_en=state_en, step_zh=step_zh, step_en=step_en
        )
    candidate = need.candidate(by.agency)
    if command is Answer and candidate is not None and candidate.answer:
        raise errors.AnsweredAlready(need=need.id)
    if command is Join and by.agency in need.askers:
        raise errors.JoinedAlready(need=need.id)


def _check_person(need: Need, command: type, by: By) -> None:
    officer = OFFICER in by.roles and bool(by.agency)
    if command in {Escalate, Published}:
        fits, zh, en = SYSTEM in by.roles, "平台", "the platform"
    elif command in _AUTHORS:
        fits = officer and by.agency == need.agency
        zh, en = "提出部门的数据专员", "a data officer of the agency that states it"
    elif command in _BUREAU:
        fits, zh, en = REVIEWER in by.roles, "数据局审核员", "a reviewer of the data bureau"
        if fits and by.id == need.author:
            raise errors.OwnNeed(need=need.id)
    elif command is Join:
        fits, zh, en = (
            officer and need.candidate(by.agency) is None,
            "其他部门的数据专员",
            "a data officer of another agency",
        )
    else:
        fits = officer and need.candidate(by.agency) is not None
        zh, en = "被转交部门的数据专员", "a data officer of an agency it was routed to"
    if not fits:
        raise errors.NeedNotAllowed(needs_zh=zh, needs_en=en)
