"""The test console of a grant: its inputs, its code, and a call that the portal signs for the agency."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.identity import public as identity
from yiwang.blocks.identity.public import Actor
from yiwang.client import ClientError, Evidence, GatewayRefused
from yiwang.client.errors import EvidenceInvalid
from yiwang.client.samples import Sample
from yiwang.portal import code, formats
from yiwang.portal.purposes import purpose_names
from yiwang.portal.share import reference
from yiwang.portal.share.facts import titles_of
from yiwang.portal.share.samples import callers_key, tabs
from yiwang.vocabulary.errors import YwError

Mode = Literal["query", "verify"]
HERE = {
    "case-required": _("On this page: fill in the case number beside, then send again."),
    "where-too-wide": _("On this page: fill in one of the boxes that are not optional, then send again."),
    "predicate-not-allowed": _("On this page: leave the box empty, or ask for a change of the grant."),
    "field-not-granted": _("On this page: choose items that the grant has, then send again."),
    "check-digit-wrong": _("On this page: correct the number beside, then send again."),
    "value-invalid": _("On this page: correct the value beside, then send again."),
    "subject-missing": _("On this page: fill in whom it is about and what to check, then send again."),
    "quota-exhausted": _(
        "On this page: the quota and today's use stand above. “Request” leads to where more is asked for."
    ),
}
"""What the console adds to a refusal; everything else is said well enough by the gateway."""


@dataclass(frozen=True)
class Input:
    """One box of the console: a look-up value, or a claim."""

    name: str
    title: str
    value: str
    check: str
    required: bool
    wrong: str = ""

    @property
    def id(self) -> str:
        """Its id on the page."""
        return f"in-{self.name}"


@dataclass(frozen=True)
class Choice:
    """A field that may be asked for."""

    name: str
    title: str
    ticked: bool


@dataclass(frozen=True)
class Entered:
    """What stands in the console: taken from a form, or the first suggestion."""

    mode: Mode
    given: dict[str, str]
    claims: dict[str, str]
    fields: tuple[str, ...]
    purpose: str
    case: str
    limit: int | None = None

    @property
    def whole_purpose(self) -> str:
        """The purpose with the case number."""
        return f"{self.purpose};case={self.case}" if self.case else self.purpose


@dataclass(frozen=True)
class Outcome:
    """What became of a call. Either `body` or `error` is there; evidence also with authenticated refusals."""

    status: int
    took_ms: int
    body: dict[str, object] | None = None
    error: YwError | None = None
    evidence: Evidence | None = None
    request_id: str = ""
    unproven: bool = False
    rows: int | None = None
    claims: dict[str, str] = field(default_factory=dict)

    @property
    def here(self) -> str:
        """What to do on this page, where the gateway's advice is for programs."""
        words = HERE.get(self.error.code) if self.error is not None else None
        return str(words) if words is not None else ""

    @property
    def lines(self) -> list[str]:
        """The answer as marked lines of JSON."""
        import json

        return list(code.lines(json.dumps(self.body, ensure_ascii=False, indent=2), "json"))

    @property
    def size(self) -> int:
        """Bytes of the answer as it came."""
        return len(self.evidence.bundle().answer.encode()) if self.evidence else 0

    @property
    def response_digest(self) -> str:
        """The recorded digest of the answer, shortened."""
        digest = (self.evidence.leaf.response or "") if self.evidence else ""
        return f"{digest[:6]}…{digest[-4:]}" if digest else formats.MISSING

    @property
    def steps(self) -> int:
        """Hashes on the way from the leaf to the head."""
        return len(self.evidence.bundle().proof) if self.evidence else 0


def mode_of(view: exchange.GrantView, wanted: str) -> Mode:
    """The tab to show: the one asked for where the grant has it."""
    if wanted == "verify" and "verify" in view.modes:
        return "verify"
    return "query" if "query" in view.modes else "verify"


def first(view: exchange.GrantView, mode: Mode) -> Entered:
    """What stands in the console before anything was sent."""
    terms = view.terms
    names = [p.name for p in terms.predicates]
    asked = [name for name in names if name in terms.required] or names[:1]
    return Entered(
        mode=mode,
        given=dict.fromkeys(asked[:1], ""),
        claims=dict.fromkeys(terms.claims[:1], ""),
        fields=tuple(f.name for f in terms.fields),
        purpose=terms.purposes[0].code if terms.purposes else "",
        case="",
    )


def entered(view: exchange.GrantView, mode: Mode, data: QueryDict) -> Entered:
    """What the form says; nothing that the grant does not name gets through."""
    terms = view.terms
    known = [p.name for p in terms.predicates]
    granted = [f.name for f in terms.fields]
    given = {name: data.get(f"where_{name}", "").strip() for name in known}
    claims = {name: data.get(f"claim_{name}", "").strip() for name in terms.claims}
    purposes = [p.code for p in terms.purposes]
    purpose = data.get("purpose", "")
    return Entered(
        mode=mode,
        given={name: value for name, value in given.items() if value},
        claims={name: value for name, value in claims.items() if value},
        fields=tuple(name for name in data.getlist("fields") if name in granted),
        purpose=purpose if purpose in purposes else (purposes[0] if purposes else ""),
        case=data.get("case", "").strip()[:100],
    )


def send(me: Actor, resource: str, grant: str, what: Entered, now: datetime) -> Outcome:
    """Sign with the agency's console key and call the gateway; the call counts like any other.

    `resource` is its code, or `CODE@NODE` for that of another node.
    """
    started = time.perf_counter()

    def took() -> int:
        return round((time.perf_counter() - started) * 1000)

    try:
        opened = reference.gateway(me, now, sandbox=False)
        started = time.perf_counter()
        with opened as gateway:
            if what.mode == "verify":
                checked = gateway.verify(
                    resource,
                    subject=what.given,
                    claims=what.claims,
                    purpose=what.whole_purpose,
                    grant=grant,
                )
                body: dict[str, object] = {
                    "resource": checked.resource, "version": checked.version, "claims": checked.claims,
                }  # fmt: skip
                return Outcome(
                    200,
                    took(),
                    body,
                    evidence=checked.evidence,
                    request_id=checked.request_id,
                    claims=checked.claims,
                )
            answer = gateway.query(
                resource, where=what.given, fields=what.fields or None, limit=10, purpose=what.whole_purpose,
                grant=grant,
            )  # fmt: skip
            body = {
                "resource": answer.resource, "version": answer.version, "rows": answer.rows, "next": answer.next,
            }  # fmt: skip
            return Outcome(
                200,
                took(),
                body,
                evidence=answer.evidence,
                request_id=answer.request_id,
                rows=len(answer.rows),
            )
    except GatewayRefused as refused:
        return Outcome(
            refused.status,
            took(),
            error=refused,
            evidence=refused.evidence,
            request_id=refused.request_id or "",
        )
    except EvidenceInvalid as broken:
        return Outcome(0, took(), error=broken, unproven=True)
    except (ClientError, YwError) as failed:
        return Outcome(0, took(), error=failed)


def context(
    me: Actor, view: exchange.GrantView, mode: Mode, now: datetime, what: Entered | None = None
) -> dict[str, object]:
    """Everything the console's template draws, but the outcome."""
    state = what or first(view, mode)
    titles = titles_of(view.options)
    checks = {option.item.wire: option.item.check or "" for option in view.options}
    terms = view.terms
    return {
        "view": view,
        "mode": mode,
        "may_call": view.consumer == me.agency and view.state == "active" and me.has(identity.DATA_OFFICER),
        "inputs": [
            Input(p.name, titles.get(p.name, p.name), state.given.get(p.name, ""), checks.get(p.name, ""),
                  p.name in terms.required)
            for p in terms.predicates
        ],
        "claims": [
            Input(name, titles.get(name, name), state.claims.get(name, ""), checks.get(name, ""), required=False)
            for name in terms.claims
        ],
        "choices": [Choice(f.name, titles.get(f.name, f.name), f.name in state.fields) for f in terms.fields],
        "purposes": purpose_names(terms.purposes),
        "entered": state,
        "disputes": settings.YW_NODE if view.consumer == me.agency and me.has(identity.DATA_OFFICER) else "",
        "samples": tabs(_call(view, state), callers_key(me, now)),
        "now": now,
    }  # fmt: skip


def _call(view: exchange.GrantView, state: Entered) -> Sample:
    """The call that the samples show: what is entered, with a placeholder where nothing is."""
    blank = gettext("value")
    return Sample(
        code=view.resource,
        given={name: value or blank for name, value in state.given.items()} or {"…": blank},
        purpose=state.whole_purpose,
        gateway=settings.YW_GATEWAY_URL,
        mode=state.mode,
        fields=state.fields,
        claims={name: value or blank for name, value in state.claims.items()}
        if state.mode == "verify"
        else {},
        grant=view.id,
        node=settings.YW_NODE,
        language="en" if formats.language() == "en" else "zh",
    )
