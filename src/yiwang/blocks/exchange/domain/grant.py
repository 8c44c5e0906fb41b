"""A grant through its life, as pure decisions. A grant's terms never change; only its state does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from yiwang.blocks.exchange.domain import errors
from yiwang.blocks.exchange.domain.request import Person

GrantState = Literal["active", "suspended", "revoked", "expired"]
STATES: dict[GrantState, tuple[str, str]] = {
    "active": ("有效", "active"),
    "suspended": ("已暂停", "suspended"),
    "revoked": ("已收回", "revoked"),
    "expired": ("已到期", "expired"),
}
OFFICE = ("data_officer", "approver")
"""The provider's roles that keep its grants."""
GrantStep = Literal["issued", "suspended", "resumed", "revoked", "expired"]


@dataclass(frozen=True)
class Grant:
    """The facts a decision needs."""

    id: str
    provider: str
    consumer: str
    state: GrantState
    version: int
    not_after: int
    """Unix seconds."""


@dataclass(frozen=True)
class GrantDecision:
    """The grant as it becomes, the step to write down and the name under it."""

    grant: Grant
    step: GrantStep
    text: str = ""
    signed: str = ""


@dataclass(frozen=True)
class Suspend:
    """The provider, or the bureau's reviewer, stops it for a while."""

    text: str


@dataclass(frozen=True)
class Resume:
    """The one who may suspend lets it run again."""

    text: str = ""


@dataclass(frozen=True)
class Revoke:
    """The provider, or the bureau's reviewer, ends it for good."""

    text: str


@dataclass(frozen=True)
class Expire:
    """Its time is over."""

    now: int


GrantCommand = Suspend | Resume | Revoke | Expire
_STEP: dict[type, tuple[str, str]] = {
    Suspend: ("暂停", "suspended"),
    Resume: ("恢复", "resumed"),
    Revoke: ("收回", "revoked"),
    Expire: ("到期", "expired"),
}
_FITS: dict[type, frozenset[GrantState]] = {
    Suspend: frozenset({"active"}),
    Resume: frozenset({"suspended"}),
    Revoke: frozenset({"active", "suspended"}),
    Expire: frozenset({"active", "suspended"}),
}


def decide_grant(grant: Grant, command: GrantCommand, by: Person) -> GrantDecision:
    """What `command`, given by this person, makes of the grant.

    Raises: NotAllowed, GrantStateWrong, ReasonMissing.
    """
    _check_person(grant, type(command), by)
    _check_state(grant, type(command))
    inside = by.agency == grant.provider and by.holds(*OFFICE)
    return replace(_outcome(grant, command), signed=by.signature(*(OFFICE if inside else ("reviewer",))))


def _outcome(grant: Grant, command: GrantCommand) -> GrantDecision:
    match command:
        case Suspend(text):
            return _to(grant, "suspended", "suspended", _said(text))
        case Resume(text):
            return _to(grant, "active", "resumed", text.strip())
        case Revoke(text):
            return _to(grant, "revoked", "revoked", _said(text))
        case Expire(now):
            if now < grant.not_after:
                raise _wrong(grant, Expire)
            return _to(grant, "expired", "expired", "")


def allowed_on_grant(grant: Grant, by: Person) -> frozenset[str]:
    """Of `revoke`, `suspend`, `resume` and `renew`, what this person may do now."""
    names = set()
    for name, command in (("suspend", Suspend), ("resume", Resume), ("revoke", Revoke)):
        try:
            _check_person(grant, command, by)
            _check_state(grant, command)
        except errors.ExchangeError:
            continue
        names.add(name)
    if by.agency == grant.consumer and by.holds("data_officer") and grant.state != "revoked":
        names.add("renew")
    return frozenset(names)


def _to(grant: Grant, state: GrantState, step: GrantStep, text: str) -> GrantDecision:
    return GrantDecision(replace(grant, state=state, version=grant.version + 1), step, text)


def _said(text: str) -> str:
    if not text.strip():
        raise errors.ReasonMissing()
    return text.strip()


def _check_state(grant: Grant, command: type) -> None:
    if grant.state not in _FITS[command]:
        raise _wrong(grant, command)


def _wrong(grant: Grant, command: type) -> errors.GrantStateWrong:
    state_zh, state_en = STATES[grant.state]
    step_zh, step_en = _STEP[command]
    return errors.GrantStateWrong(
        grant=grant.id, state_zh=state_zh, state_en=state_en, step_zh=step_zh, step_en=step_en
    )


def _check_person(grant: Grant, command: type, by: Person) -> None:
    if command is Expire or by.holds("reviewer"):
        return
    if by.agency != grant.provider or not by.holds(*OFFICE):
        raise errors.NotAllowed(
            needs_zh="提供方的数据专员或审批人", needs_en="a data officer or approver of the provider"
        )
