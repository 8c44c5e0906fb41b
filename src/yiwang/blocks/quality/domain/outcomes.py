"""What a run found, as it is kept: counts, a score, and marks of rows that are no values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC

from yiwang.blocks.quality.domain.planning import REACHABLE, Compiled, NotRunReason
from yiwang.dataplane.quality import rules as r
from yiwang.dataplane.quality.judging import Judgement
from yiwang.dataplane.quality.scoring import Score, score

Trigger = Literal["clock", "person", "ticket", "declared"]
MARK_LENGTH = 16
MOST_MARKS = 20


class RuleResult(msgspec.Struct, frozen=True, kw_only=True):
    """A rule in a run.

    Attributes:
        kind: class of rule in the rule language (`not_null` …; "" for one that could not be read).
        reason: why it was not run; "" when it was.
        marks: keyed digests of the keys of some rows that break it: the same row has the same mark in every run.
    """

    id: str
    dimension: r.Dimension
    severity: r.Severity
    fields: tuple[str, ...] = ()
    message: str = ""
    message_en: str = ""
    to: str = ""
    kind: str = ""
    tested: int = 0
    failed: int = 0
    reason: NotRunReason | Literal[""] = ""
    marks: tuple[str, ...] = ()

    @property
    def rate(self) -> float | None:
        """Share of tested rows that pass; None when none was tested."""
        return None if self.tested == 0 else (self.tested - self.failed) / self.tested


_KINDS: dict[type[r.Rule], str] = {
    r.NotNull: "not_null", r.Unique: "unique", r.InList: "in_list", r.Range: "range", r.Length: "length",
    r.Pattern: "pattern", r.CheckDigits: "check_digit", r.Fresh: "fresh", r.Recent: "recent", r.Refers: "refers",
    r.Expression: "expr", r.Rule: "",
}  # fmt: skip


def mark(key: bytes, resource: str, values: Sequence[str]) -> str:
    """A row's mark: HMAC-SM3 of its key under a key of the node, which nobody can turn back into the key."""
    mac = HMAC(key, hashes.SM3())
    mac.update("\x1f".join((resource, *values)).encode("utf-8"))
    return mac.finalize().hex()[:MARK_LENGTH]


def results(
    compiled: Compiled, found: Judgement, marks: Mapping[str, Sequence[str]]
) -> tuple[RuleResult, ...]:
    """Every rule with what was found, in the order of the rules; those not run at the end."""
    run = [
        result_of(
            rule, found.outcomes[rule.id].tested, found.outcomes[rule.id].failed,
            tuple(marks.get(rule.id, ())[:MOST_MARKS]),
        )
        for rule in compiled.rules
    ]  # fmt: skip
    left = [msgspec.structs.replace(result_of(one.rule), reason=one.reason) for one in compiled.left_out]
    return (*run, *left)


def result_of(rule: r.Rule, tested: int = 0, failed: int = 0, marks: tuple[str, ...] = ()) -> RuleResult:
    """A rule with its counts."""
    return RuleResult(
        id=rule.id, dimension=rule.dimension, severity=rule.severity, fields=rule.fields, message=rule.message,
        message_en=rule.message_en,
        to=rule.to, kind="reachable" if rule is REACHABLE else _KINDS[type(rule)], tested=tested, failed=failed,
        marks=marks,
    )  # fmt: skip


def scored(compiled: Compiled, found: Judgement, items: Sequence[str], reached: r.Outcome) -> Score:
    """The score of a run; `reached`: of the last runs, how many did not reach the source. It counts
    beside other rules only: a table of which nothing could be tested has no score."""
    if not any(one.tested for one in found.outcomes.values()):
        return score(compiled.rules, found.outcomes, items)
    outcomes = {**found.outcomes, REACHABLE.id: reached}
    return score((*compiled.rules, REACHABLE), outcomes, items)
