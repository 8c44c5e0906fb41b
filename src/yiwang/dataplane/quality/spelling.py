"""Rules as plain data, the form in which packages and rule files spell them, and back.

`{rule: not_null, fields: [name], severity: blocking}`: one entry of `not_null`, `unique` or `in_list` over several
fields is one rule a field, but for `unique`, whose fields count together. docs/specs/quality.md lists the keys.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, TypedDict

import msgspec

from yiwang.dataplane.quality import rules as r
from yiwang.dataplane.quality.errors import QualityRuleWrong

Expressions = Callable[[str], r.Condition]
"""Compiles the text of a condition over `row`. Raises: what it finds wrong in it."""
Lists = Callable[[str], Sequence[str] | None]
"""The codes of a code list by name; None when there is no such list."""

_USUAL: Final[dict[str, r.Dimension]] = {
    "not_null": "完整性", "unique": "规范性", "in_list": "规范性", "range": "准确性", "length": "规范性",
    "pattern": "规范性", "check_digit": "规范性", "fresh": "时效性", "recent": "时效性", "refers": "一致性", "expr": "准确性",
}  # fmt: skip
_DURATION = re.compile(r"(\d+)(min|h|d|mo|y)")
_SECONDS = {"min": 60, "h": 3600, "d": 86_400, "mo": 2_592_000, "y": 31_536_000}


class Spelled(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """One entry of a rule file, every key that some rule knows."""

    rule: str
    id: str | None = None
    fields: list[str] | None = None
    field: str | None = None
    dimension: r.Dimension | None = None
    severity: r.Severity = "major"
    message: str = ""
    message_en: str = ""
    to: str = ""
    values: list[str | int] | None = None
    code_list: str | None = msgspec.field(default=None, name="list")
    min: int | float | None = None
    max: int | float | None = None
    pattern: str | None = None
    kind: r.CheckDigit | None = None
    within: str | None = None
    when: str | None = None
    expr: str | None = None
    target: str | None = None
    keys: list[str] | None = None


def rules_of(
    entries: Sequence[object], as_of: datetime, expressions: Expressions, lists: Lists
) -> tuple[r.Rule, ...]:
    """The rules that plain entries spell; `as_of` is the moment by which freshness is judged.

    Raises: QualityRuleWrong, with the entry's number from 1; whatever `expressions` raises.
    """
    found: list[r.Rule] = []
    for number, entry in enumerate(entries, 1):
        try:
            spelled = msgspec.convert(entry, Spelled)
        except msgspec.ValidationError as problem:
            raise QualityRuleWrong(number=number, problem=str(problem)) from problem
        found += _Reading(spelled, number, as_of, expressions, lists).rules()
    seen: set[str] = set()
    for number, rule in enumerate(found, 1):
        if rule.id in seen:
            raise QualityRuleWrong(
                number=number, problem=f"the id {rule.id} stands twice; give one of them an `id`"
            )
        seen.add(rule.id)
    return tuple(found)


def seconds_of(duration: str) -> int | None:
    """Seconds of `30min`, `2h`, `7d`, `1mo` (30 days) or `1y` (365 days); None when it is none of these."""
    found = _DURATION.fullmatch(duration)
    return int(found[1]) * _SECONDS[found[2]] if found else None


class _Base(TypedDict):
    """What every rule has."""

    id: str
    dimension: r.Dimension
    severity: r.Severity
    message: str
    message_en: str
    to: str


class _Reading:
    """One entry on its way to rules."""

    def __init__(
        self, spelled: Spelled, number: int, as_of: datetime, expressions: Expressions, lists: Lists
    ) -> None:
        self._s = spelled
        self._number = number
        self._as_of = as_of
        self._expressions = expressions
        self._lists = lists

    def rules(self) -> list[r.Rule]:
        s = self._s
        match s.rule:
            case "not_null":
                return [r.NotNull(field=f, **self._base(f)) for f in self._fields()]
            case "unique":
                columns = tuple(self._fields())
                return [r.Unique(columns=columns, **self._base("_".join(columns)))]
            case "in_list":
                return [r.InList(field=f, values=self._values(), **self._base(f)) for f in self._fields()]
            case "range":
                return [r.Range(field=self._field(), low=s.min, high=s.max, **self._base(self._field()))]
            case "length":
                return [self._length()]
            case "pattern":
                return [r.Pattern(field=self._field(), pattern=self._pattern(), **self._base(self._field()))]
            case "check_digit":
                if s.kind is None:
                    raise self._wrong("`kind` is missing: mod11_2, uscc or mod11_10")
                return [r.CheckDigits(field=self._field(), kind=s.kind, **self._base(self._field()))]
            case "fresh":
                return [self._fresh()]
            case "recent":
                field, seconds = self._field(), self._within()
                return [r.Recent(field=field, seconds=seconds, as_of=self._as_of, **self._base(field))]
            case "refers":
                target = tuple(self._given("target", s.target).split("."))
                columns = tuple(self._fields())
                keys = tuple(s.keys or columns)
                if len(keys) != len(columns):
                    raise self._wrong("`keys` needs one name for each of `fields`")
                return [r.Refers(columns=columns, target=target, keys=keys, **self._base("_".join(columns)))]
            case "expr":
                condition = self._expressions(self._given("expr", s.expr))
                return [r.Expression(condition=condition, **self._base(self._given("id", s.id)))]
            case other:
                raise self._wrong(f"there is no rule `{other}`; there are: {', '.join(_USUAL)}")

    def _base(self, about: str) -> _Base:
        s = self._s
        name = s.id or f"{s.rule}.{about}"
        if s.id and len(s.fields or ()) > 1 and s.rule in ("not_null", "in_list"):
            name = f"{s.id}.{about}"
        return {
            "id": name, "dimension": s.dimension or _USUAL[s.rule], "severity": s.severity,
            "message": s.message, "message_en": s.message_en, "to": s.to,
        }  # fmt: skip

    def _fields(self) -> list[str]:
        given = self._s.fields if self._s.fields is not None else [self._s.field] if self._s.field else []
        if not given:
            raise self._wrong("`fields` is missing")
        return given

    def _field(self) -> str:
        fields = self._fields()
        if len(fields) != 1:
            raise self._wrong(f"`{self._s.rule}` looks at one field")
        return fields[0]

    def _values(self) -> tuple[str, ...]:
        if self._s.values is not None:
            return tuple(str(value) for value in self._s.values)
        name = self._given("list", self._s.code_list)
        codes = self._lists(name)
        if codes is None:
            raise self._wrong(f"there is no code list `{name}`")
        return tuple(codes)

    def _length(self) -> r.Rule:
        low, high = self._s.min, self._s.max
        if not isinstance(low, int | None) or not isinstance(high, int | None):
            raise self._wrong("`min` and `max` of a length are whole numbers")
        return r.Length(field=self._field(), low=low or 0, high=high, **self._base(self._field()))

    def _pattern(self) -> str:
        pattern = self._given("pattern", self._s.pattern)
        if re.search(r"\(\?[=!<P]|\\[1-9]", pattern):
            raise self._wrong("the pattern looks around or back, which not every engine can")
        try:
            re.compile(pattern)
        except re.error as problem:
            raise self._wrong(f"the pattern is broken: {problem}") from problem
        return pattern

    def _within(self) -> int:
        within = self._given("within", self._s.within)
        seconds = seconds_of(within)
        if seconds is None:
            raise self._wrong(f"`within` is no duration: {within} (write 2d, 12h, 1mo)")
        return seconds

    def _fresh(self) -> r.Rule:
        seconds = self._within()
        when = self._expressions(self._s.when) if self._s.when else None
        return r.Fresh(
            field=self._field(), seconds=seconds, as_of=self._as_of, when=when, **self._base(self._field())
        )

    def _given(self, key: str, value: str | None) -> str:
        if value is None:
            raise self._wrong(f"`{key}` is missing")
        return value

    def _wrong(self, problem: str) -> QualityRuleWrong:
        return QualityRuleWrong(number=self._number, problem=problem)
