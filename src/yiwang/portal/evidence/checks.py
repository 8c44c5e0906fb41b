"""The checks of an evidence file, one by one: what each proves, and what it means when it fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from yiwang.portal import formats
from yiwang.vocabulary.evidence import Bundle, Finding, Trust, verify_bundle
from yiwang.vocabulary.sessions import SessionBundle, verify_session_bundle

Words = str | Promise
State = Literal["good", "bad", "skipped", "absent"]


@dataclass(frozen=True)
class Point:
    """One check: the findings that fail it, and the findings that make it impossible."""

    title: Words
    meaning: Words
    fails: frozenset[str]
    needs: frozenset[str] = frozenset()


LEAF, HEAD, REQUEST = "leaf-malformed", "head-malformed", "request-malformed"
POINTS = (
    Point(
        _("The leaf is written in its only form"),
        _("The record itself was changed, or the file was put together wrongly. Nothing follows from it."),
        frozenset({LEAF}),
    ),
    Point(
        _("The tree head is written in its only form"),
        _("The signed statement of the log was changed, so its signature says nothing about this record."),
        frozenset({HEAD}),
    ),
    Point(
        _("The node signed the tree head"),
        _("Not signed by a key that you trust: another node, a key out of its time, or a forged head."),
        frozenset({"head-key-unknown", "head-key-suite", "head-key-period", "head-signature-wrong"}),
        frozenset({HEAD}),
    ),
    Point(
        _("The record stands in the signed log"),
        _("The record is not at this place of the log that was signed: the record, the proof or the head was changed."),
        frozenset({"inclusion-wrong", "log-differs", "epoch-differs"}),
        frozenset({LEAF, HEAD}),
    ),
    Point(
        _("The answer is the one that was given"),
        _("The answer in the file is not what the node answered. Do not rely on its content."),
        frozenset({"answer-changed", "answer-unproven", "status-differs"}),
        frozenset({LEAF}),
    ),
    Point(
        _("The request is whole"),
        _("The request in the file was changed after it was signed."),
        frozenset({REQUEST, "request-header-unknown", "request-body-changed"}),
    ),
    Point(
        _("The record is about this request"),
        _("Record and request do not belong together: the proof may be of another call."),
        frozenset({
            "request-digest-differs", "request-algorithm-differs", "purpose-differs", "grant-differs",
            "resource-differs", "kind-differs",
        }),
        frozenset({LEAF, REQUEST}),
    ),
    Point(
        _("The caller signed the request"),
        _("It is not proven who asked: the signature, or the caller's key, does not fit."),
        frozenset({
            "request-key-differs", "request-key-malformed", "request-signature-wrong",
            "request-signature-unchecked",
        }),
        frozenset({REQUEST}),
    ),
    Point(
        _("Everything is of the same node"),
        _("Parts of different nodes were put together, or the trust file is another node's."),
        frozenset({"node-differs"}),
    ),
)  # fmt: skip
WITHIN = (
    Point(
        _("Call, handshake and countersignature are of one session"),
        _("Parts of different sessions were put together: the caller may have signed for another call."),
        frozenset({"session-opening-unsigned", "session-opening-malformed", "session-differs"}),
    ),
    Point(
        _("The caller countersigned the call"),
        _("It is not proven who asked: the caller's signature over the log's head does not cover this call."),
        frozenset({
            "countersignature-malformed", "countersignature-wrong", "countersignature-head-differs", "record-wrong",
        }),
    ),
)  # fmt: skip
"""What the evidence of a session's call proves besides."""
SEALED, SIGNED = POINTS[2], POINTS[7]
"""The node's signature of the head, and the caller's of the request."""


@dataclass(frozen=True)
class Checked:
    """A check as it came out. `found` are the sentences of what is wrong."""

    title: str
    state: State
    found: tuple[str, ...]
    meaning: str


@dataclass(frozen=True)
class Verdict:
    """All checks of one file. `sealed`: the node's signature of the head holds."""

    valid: bool
    sealed: bool
    checks: tuple[Checked, ...]


def check(bundle: Bundle | SessionBundle, trust: Trust) -> Verdict:
    """Verify an evidence file by a trust file, and sort what was found under its checks."""
    if isinstance(bundle, SessionBundle):
        findings = verify_session_bundle(bundle, trust)
        checks = checks_of(findings, caller=bundle.opening.request_key is not None, points=POINTS + WITHIN)
    else:
        findings = verify_bundle(bundle, trust)
        checks = checks_of(findings, caller=bundle.request_key is not None)
    sealed = not any(finding.code in SEALED.fails | SEALED.needs for finding in findings)
    return Verdict(not findings, sealed, checks)


def checks_of(
    findings: Sequence[Finding], *, caller: bool, points: Sequence[Point] = POINTS
) -> tuple[Checked, ...]:
    """The checks with their outcome; a finding that belongs to none stands under the first."""
    codes = {finding.code for finding in findings}
    known = frozenset().union(*(point.fails for point in points))
    language = formats.language()
    checked = []
    for point in points:
        mine = [f for f in findings if f.code in point.fails or (point is POINTS[0] and f.code not in known)]
        state: State = "good"
        if mine:
            state = "bad"
        elif codes & point.needs:
            state = "skipped"
        elif point is SIGNED and not caller:
            state = "absent"
        words = tuple(finding.text(language) for finding in mine)
        checked.append(Checked(str(point.title), state, words, str(point.meaning) if mine else ""))
    return tuple(checked)
