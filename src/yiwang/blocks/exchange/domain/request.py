"""A request for data through its life, as pure decisions.

draft → submitted → (formal review 符合性审查) returned | rejected | accepted; accepted means granted for an
unconditional resource, and for a conditional one the provider decides: granted | refused. Rules: 国发〔2016〕51号
Art. 12 and 政务数据共享条例 (State Council Decree 809). Silence is escalated; it is never assent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from yiwang.blocks.exchange.domain import errors
from yiwang.blocks.exchange.domain.terms import Terms, narrower

RequestState = Literal[
    "draft", "submitted", "returned", "rejected", "deciding", "granted", "refused", "withdrawn"
]
STATES: dict[RequestState, tuple[str, str]] = {
    "draft": ("草稿", "a draft"),
    "submitted": ("待审查", "under formal review"),
    "returned": ("已退回", "returned for correction"),
    "rejected": ("审查不通过", "rejected"),
    "deciding": ("待提供方答复", "with the provider"),
    "granted": ("已授权", "granted"),
    "refused": ("已拒绝", "refused"),
    "withdrawn": ("已撤回", "withdrawn"),
}
OPEN: frozenset[RequestState] = frozenset({"draft", "submitted", "returned", "deciding"})

Clock = Literal["keep", "stop", "review", "reply-conditional", "reply-unconditional", "extension"]
"""What a decision does to the deadline: leave it, end it, or start the one named."""
StepName = Literal[
    "created", "edited", "submitted", "accepted", "returned", "rejected", "granted", "refused",
    "withdrawn", "extended", "escalated",
]  # fmt: skip


@dataclass(frozen=True)
class Person:
    """Who acts. `id` is None for the platform itself.

    `signatures` has the name of a role's acts where it is not the person's own: 赵六（代王敏）. `apart` are the accounts
    for whom this person stands in or who stand in for them: their requests are as good as own ones.
    """

    id: int | None
    name: str
    agency: str
    agency_name: str
    roles: frozenset[str]
    signatures: Mapping[str, str] = field(default_factory=dict)
    apart: frozenset[int] = frozenset()

    def holds(self, *roles: str) -> bool:
        """Whether the person has one of the roles."""
        return not self.roles.isdisjoint(roles)

    def signature(self, *roles: str) -> str:
        """The name under an act done by one of the roles; the own name as soon as one is the person's own."""
        found = [self.signatures.get(role, self.name) for role in roles if role in self.roles]
        return self.name if not found or self.name in found else found[0]


@dataclass(frozen=True)
class Request:
    """The facts a decision needs. `last` says who did the last step and when, for the one who comes second."""

    id: str
    share_type: Literal["unconditional", "conditional"]
    provider: str
    consumer: str
    applicant: int
    state: RequestState
    terms: Terms
    extended: bool = False
    escalated: bool = False
    last: str = ""


@dataclass(frozen=True)
class Step:
    """One entry of the ledger. `automatic` when the platform did it under a rule; else `signed` names who did it."""

    name: StepName
    state: RequestState
    text: str = ""
    basis: str = ""
    automatic: bool = False
    signed: str = ""


@dataclass(frozen=True)
class Decision:
    """The request as it becomes, the steps to write down and what happens to the clock."""

    request: Request
    steps: tuple[Step, ...]
    clock: Clock = "keep"


@dataclass(frozen=True)
class Edit:
    """The consumer changes what is asked for."""

    terms: Terms


@dataclass(frozen=True)
class Submit:
    """The consumer hands it in. `automatic_review`: the node's rule for unconditional resources."""

    automatic_review: bool = False


@dataclass(frozen=True)
class Accept:
    """The data bureau finds the form in order."""

    text: str = ""


@dataclass(frozen=True)
class Return:
    """The data bureau, or the provider, gives it back for correction."""

    text: str


@dataclass(frozen=True)
class Reject:
    """The data bureau ends it."""

    text: str


@dataclass(frozen=True)
class Approve:
    """The provider grants it, perhaps narrower. `mask_reason` is needed where a mask is lifted."""

    text: str = ""
    terms: Terms | None = None
    mask_reason: str = ""


@dataclass(frozen=True)
class Refuse:
    """The provider refuses, naming the legal basis."""

    text: str
    basis: str


@dataclass(frozen=True)
class Withdraw:
    """The consumer takes it back."""

    text: str = ""


@dataclass(frozen=True)
class Extend:
    """The provider extends the deadline, once. `consent` names the head of the agency who agreed."""

    text: str
    consent: str


@dataclass(frozen=True)
class Escalate:
    """The deadline passed in silence."""


Command = Edit | Submit | Accept | Return | Reject | Approve | Refuse | Withdraw | Extend | Escalate
_STEP: dict[type, tuple[str, str]] = {
    Edit: ("修改", "edited"),
    Submit: ("提交", "submitted"),
    Accept: ("审查通过", "accepted"),
    Return: ("退回", "returned"),
    Reject: ("审查不通过", "rejected"),
    Approve: ("授权", "granted"),
    Refuse: ("拒绝", "refused"),
    Withdraw: ("撤回", "withdrawn"),
    Extend: ("延期", "extended"),
    Escalate: ("督办", "escalated"),
}
_FITS: dict[type, frozenset[RequestState]] = {
    Edit: frozenset({"draft", "returned"}),
    Submit: frozenset({"draft", "returned"}),
    Accept: frozenset({"submitted"}),
    Return: frozenset({"submitted", "deciding"}),
    Reject: frozenset({"submitted"}),
    Approve: frozenset({"deciding"}),
    Refuse: frozenset({"deciding"}),
    Withdraw: OPEN,
    Extend: frozenset({"deciding"}),
    Escalate: frozenset({"submitted", "deciding"}),
}
COMMANDS: dict[str, type] = {
    "edit": Edit, "submit": Submit, "accept": Accept, "return": Return, "reject": Reject,
    "approve": Approve, "refuse": Refuse, "withdraw": Withdraw, "extend": Extend,
}  # fmt: skip


def decide(request: Request, command: Command, by: Person) -> Decision:
    """What `command`, given by this person, makes of the request.

    Raises: NotAllowed, OwnRequest, RequestStateWrong, ReasonMissing, RefusalWithoutBasis, ConsentMissing,
        ExtendedAlready, GrantWider, MaskReasonMissing.
    """
    _check_person(request, type(command), by)
    _check_state(request, type(command))
    decision = _outcome(request, command)
    name = by.signature(*_roles_for(request, type(command)))
    return replace(
        decision,
        steps=tuple(step if step.automatic else replace(step, signed=name) for step in decision.steps),
    )


def _outcome(request: Request, command: Command) -> Decision:
    match command:
        case Edit(terms):
            return _to(request, request.state, Step("edited", request.state), terms=terms)
        case Submit(automatic):
            return _submit(request, automatic)
        case Accept(text):
            return _accept(request, Step("accepted", "deciding", text))
        case Return(text):
            return _to(request, "returned", Step("returned", "returned", _said(text)), "stop")
        case Reject(text):
            return _to(request, "rejected", Step("rejected", "rejected", _said(text)), "stop")
        case Approve():
            return _approve(request, command)
        case Refuse(text, basis):
            if not basis.strip():
                raise errors.RefusalWithoutBasis()
            step = Step("refused", "refused", _said(text), basis.strip())
            return _to(request, "refused", step, "stop")
        case Withdraw(text):
            return _to(request, "withdrawn", Step("withdrawn", "withdrawn", text.strip()), "stop")
        case Extend(text, consent):
            return _extend(request, text, consent)
        case Escalate():
            return _escalate(request)


def allowed(request: Request, by: Person) -> frozenset[str]:
    """Names of the commands this person may give now: what a page offers as buttons."""
    names = set()
    for name, command in COMMANDS.items():
        try:
            _check_person(request, command, by)
            _check_state(request, command)
        except errors.ExchangeError:
            continue
        if name == "extend" and request.extended:
            continue
        names.add(name)
    return frozenset(names)


def _submit(request: Request, automatic_review: bool) -> Decision:
    handed_in = Step("submitted", "submitted")
    if not (automatic_review and request.share_type == "unconditional"):
        clock: Clock = "reply-unconditional" if request.share_type == "unconditional" else "review"
        return _to(request, "submitted", handed_in, clock)
    accepted = _accept(request, Step("accepted", "submitted", automatic=True))
    return replace(accepted, steps=(handed_in, *accepted.steps))


def _accept(request: Request, step: Step) -> Decision:
    if request.share_type == "conditional":
        return _to(request, "deciding", step, "reply-conditional")
    return Decision(
        replace(request, state="granted"),
        (replace(step, state="submitted"), Step("granted", "granted", automatic=True)),
        "stop",
    )


def _approve(request: Request, command: Approve) -> Decision:
    terms = command.terms or request.terms
    if wider := narrower(terms, request.terms):
        raise errors.GrantWider(what=wider)
    asked = {field.name: field.mask for field in request.terms.fields}
    lifted = [field.name for field in terms.fields if asked.get(field.name) and field.mask is None]
    if lifted and not command.mask_reason.strip():
        raise errors.MaskReasonMissing(fields=lifted)
    parts = [part for part in (command.text.strip(), command.mask_reason.strip()) if part]
    return _to(request, "granted", Step("granted", "granted", "\n".join(parts)), "stop", terms=terms)


def _extend(request: Request, text: str, consent: str) -> Decision:
    if request.extended:
        raise errors.ExtendedAlready(request=request.id)
    if not consent.strip():
        raise errors.ConsentMissing()
    step = Step("extended", request.state, _said(text), consent.strip())
    return Decision(replace(request, extended=True), (step,), "extension")


def _escalate(request: Request) -> Decision:
    if request.escalated:
        return Decision(request, ())
    step = Step("escalated", request.state, automatic=True)
    return Decision(replace(request, escalated=True), (step,))


def _to(
    request: Request, state: RequestState, step: Step, clock: Clock = "keep", *, terms: Terms | None = None
) -> Decision:
    changed = replace(request, state=state, terms=terms or request.terms)
    if clock != "keep":
        changed = replace(changed, escalated=False, extended=False)
    return Decision(changed, (step,), clock)


def _said(text: str) -> str:
    if not text.strip():
        raise errors.ReasonMissing()
    return text.strip()


def _check_state(request: Request, command: type) -> None:
    if request.state not in _FITS[command]:
        state_zh, state_en = STATES[request.state]
        step_zh, step_en = _STEP[command]
        raise errors.RequestStateWrong(
            request=request.id, state_zh=state_zh, state_en=state_en,
            step_zh=step_zh, step_en=step_en, last=request.last,
        )  # fmt: skip


def _roles_for(request: Request, command: type) -> tuple[str, ...]:
    """The roles of which one gives this command."""
    if command in {Edit, Submit, Withdraw}:
        return ("data_officer",)
    if command in {Accept, Reject} or (command is Return and request.state == "submitted"):
        return ("reviewer",)
    return ("data_officer", "approver")


def _check_person(request: Request, command: type, by: Person) -> None:
    if command is Escalate:
        return
    roles = _roles_for(request, command)
    if command in {Edit, Submit, Withdraw}:
        if by.agency != request.consumer or not by.holds(*roles):
            raise _needs_consumer()
        return
    if roles == ("reviewer",):
        if not by.holds(*roles):
            raise errors.NotAllowed(needs_zh="数据主管部门审查员", needs_en="a reviewer of the data bureau")
    elif by.agency != request.provider or not by.holds(*roles):
        raise errors.NotAllowed(
            needs_zh="提供方的数据专员或审批人", needs_en="a data officer or approver of the provider"
        )
    if by.id == request.applicant or request.applicant in by.apart:
        raise errors.OwnRequest(request=request.id)


def _needs_consumer() -> errors.NotAllowed:
    return errors.NotAllowed(
        needs_zh="申请部门的数据专员", needs_en="a data officer of the requesting agency"
    )
