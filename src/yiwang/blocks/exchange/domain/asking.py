"""From what a consumer fills in to the terms of a request, and what is wrong with it.

Look-ups are kept narrow on purpose: `where` is a harvest and `verify` an oracle, so each call has to give one of
the key or subject fields, and fields that identify a person or an organisation are compared whole, never by range
or prefix.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from yiwang.blocks.exchange.domain.compiled import (
    FieldType,
    GrantedField,
    GrantedPredicate,
    Operator,
    RowCondition,
)
from yiwang.blocks.exchange.domain.terms import LONGEST_DAYS, Delivery, Mode, Purpose, Terms
from yiwang.dataplane.masking import MASKS
from yiwang.vocabulary.forms import Problem

PURPOSE = re.compile(r"item:[^\s;#]{1,80}|law:[^\s;#]{1,80}#[^\s;#]{1,40}")
_OPERATORS: dict[FieldType, tuple[Operator, ...]] = {
    "text": ("eq", "in", "prefix"),
    "integer": ("eq", "in", "gte", "lte"),
    "decimal": ("eq", "in", "gte", "lte"),
    "boolean": ("eq",),
    "date": ("eq", "in", "gte", "lte"),
    "datetime": ("eq", "in", "gte", "lte"),
    "json": (),
    "binary": (),
}
_LIMITS = {
    "rows_per_call": 1000,
    "calls_per_day": 10_000_000,
    "subjects_per_day": 10_000_000,
    "attempts_per_subject": 1000,
    "days": LONGEST_DAYS,
}


@dataclass(frozen=True)
class ItemFacts:
    """What the rules need to know of an item of a mounted resource."""

    name: str
    title: str
    type: FieldType
    sensitive: bool
    subject: bool
    key: bool
    mask: str | None
    """The item's default mask, already `hidden` for a sensitive item that names none."""
    readable: bool = True
    """Whether its value may be given; else it is only compared by `verify`, and rows are not found by it."""

    @property
    def operators(self) -> tuple[Operator, ...]:
        """How the item may be compared."""
        possible = _OPERATORS[self.type]
        if self.subject or self.sensitive:
            return tuple(operator for operator in possible if operator in {"eq", "in"})
        return possible

    @property
    def lookups(self) -> tuple[Operator, ...]:
        """How rows may be looked up by it: finding by what may not be read would tell it."""
        return self.operators if self.readable else ()

    @property
    def narrows(self) -> bool:
        """Whether giving this item in a call narrows it to few rows."""
        return bool(self.lookups) and (self.key or self.subject)


@dataclass(frozen=True)
class Wish:
    """What the consumer filled in. `lookups` are names with operators."""

    modes: tuple[Mode, ...]
    fields: tuple[str, ...]
    lookups: tuple[tuple[str, tuple[Operator, ...]], ...]
    purposes: tuple[Purpose, ...]
    required: tuple[str, ...]
    claims: tuple[str, ...]
    rows: tuple[RowCondition, ...]
    case_required: bool
    rows_per_call: int
    calls_per_day: int
    subjects_per_day: int
    attempts_per_subject: int
    hours: tuple[int, int] | None
    workdays_only: bool
    days: int
    reason: str
    delivery: Delivery | None = None


def required_by_default(items: tuple[ItemFacts, ...], lookups: tuple[str, ...]) -> tuple[str, ...]:
    """The look-ups of which each call must give one: key and subject items; all, where there are none of these."""
    narrowing = {item.name for item in items if item.narrows}
    chosen = tuple(name for name in lookups if name in narrowing)
    return chosen if narrowing else lookups


def asks_rows(modes: tuple[Mode, ...]) -> bool:
    """Whether rows are asked about, so that each call has to say which."""
    return "query" in modes or "verify" in modes


def terms_of(wish: Wish, items: tuple[ItemFacts, ...]) -> Terms:
    """The terms that a checked wish comes to; masks are those of the items."""
    masks = {item.name: item.mask for item in items}
    lookups = tuple(name for name, _ in wish.lookups)
    return Terms(
        modes=wish.modes,
        fields=tuple(GrantedField(name, masks[name]) for name in wish.fields)
        if {"query", "table"} & set(wish.modes)
        else (),
        predicates=tuple(GrantedPredicate(name, operators) for name, operators in wish.lookups),
        required=wish.required or required_by_default(items, lookups),
        purposes=wish.purposes,
        claims=wish.claims if "verify" in wish.modes else (),
        rows=wish.rows,
        case_required=wish.case_required,
        rows_per_call=wish.rows_per_call,
        calls_per_day=wish.calls_per_day,
        subjects_per_day=wish.subjects_per_day,
        attempts_per_subject=wish.attempts_per_subject,
        hours=wish.hours,
        workdays_only=wish.workdays_only,
        days=wish.days,
        delivery=wish.delivery if "table" in wish.modes else None,
    )


def problems(wish: Wish, items: tuple[ItemFacts, ...], served: tuple[Mode, ...]) -> tuple[Problem, ...]:
    """Everything wrong with a wish, in the order of the form."""
    known = {item.name: item for item in items}
    return (
        *_modes(wish, served),
        *_names("fields", wish.fields, {item.name: item for item in items if item.readable}),
        *_lookups(wish, known),
        *_delivery(wish, items),
        *_names("claims", wish.claims, known),
        *_purposes(wish),
        *_rows(wish.rows, known),
        *_limits(wish),
    )


def decided_problems(terms: Terms, items: tuple[ItemFacts, ...]) -> tuple[Problem, ...]:
    """What is wrong with the terms that a provider gives, apart from going beyond the request."""
    found = []
    if not terms.modes or not terms.purposes:
        found.append(Problem("modes", "至少保留一种方式和一个用途。", "Leave one way and one purpose."))
    if {"query", "table"} & set(terms.modes) and not terms.fields:
        found.append(Problem("fields", "至少保留一个字段，或改为拒绝。", "Leave a field, or refuse."))
    if "verify" in terms.modes and not terms.claims:
        found.append(Problem("claims", "至少保留一个核验项。", "Leave one claim to verify."))
    if "table" in terms.modes and (terms.delivery is None or not terms.delivery.ways):
        found.append(Problem("ways", "至少保留一种库表交换方式。", "Leave one way of delivering the table."))
    if (asks_rows(terms.modes) and not terms.predicates) or set(terms.required) - {
        predicate.name for predicate in terms.predicates
    }:
        found.append(
            Problem(
                "lookups",
                "保留的查询条件须包含必填条件。",
                "The look-ups left have to include the required ones.",
            )
        )
    unknown = sorted({field.mask for field in terms.fields if field.mask and field.mask not in MASKS})
    if unknown:
        found.append(
            Problem(
                "fields", f"没有这种脱敏方式：{'、'.join(unknown)}。", f"No such mask: {', '.join(unknown)}."
            )
        )
    return (*found, *_rows(terms.rows, {item.name: item for item in items}), *_limits(terms))


def _modes(wish: Wish, served: tuple[Mode, ...]) -> list[Problem]:
    found = []
    if not wish.modes:
        found.append(Problem("modes", "请选择使用方式。", "Choose how it is used."))
    if set(wish.modes) - set(served):
        found.append(
            Problem("modes", "该资源不提供所选的方式。", "The resource is not served in the way chosen.")
        )
    if "query" in wish.modes and not wish.fields:
        found.append(
            Problem("fields", "查询至少要选一个返回字段。", "A query has to return at least one field.")
        )
    if "verify" in wish.modes and not wish.claims:
        found.append(
            Problem("claims", "核验至少要选一个核对字段。", "Verifying needs at least one field to compare.")
        )
    return found


def _delivery(wish: Wish, items: tuple[ItemFacts, ...]) -> list[Problem]:
    if "table" not in wish.modes:
        return []
    found = []
    if not wish.fields:
        found.append(
            Problem("fields", "库表交换至少要选一个字段。", "A delivered table has at least one field.")
        )
    lacking = [item.title for item in items if item.key and item.name not in wish.fields]
    if lacking:
        found.append(
            Problem(
                "fields",
                f"库表交换要包含主键：{'、'.join(lacking)}；没有主键无法对账。",
                f"A delivered table includes its key: {', '.join(lacking)}; without it nothing could be reconciled.",
            )
        )
    if wish.delivery is None or not wish.delivery.ways:
        found.append(
            Problem(
                "ways", "请选择库表交换的方式：全量、增量、比对。", "Choose full, incremental or difference."
            )
        )
    return found


def _names(where: str, names: tuple[str, ...], known: dict[str, ItemFacts]) -> list[Problem]:
    found = [
        Problem(where, f"没有可用的数据项“{name}”。", f"There is no served item “{name}”.")
        for name in names
        if name not in known
    ]
    if len(set(names)) != len(names):
        found.append(Problem(where, "有字段重复。", "A field is named twice."))
    return found


def _lookups(wish: Wish, known: dict[str, ItemFacts]) -> list[Problem]:
    names = tuple(name for name, _ in wish.lookups)
    found = _names("lookups", names, known)
    if not names and asks_rows(wish.modes):
        found.append(
            Problem("lookups", "至少要选一个查询条件字段。", "At least one field to look up by is needed.")
        )
    for name, operators in wish.lookups:
        item = known.get(name)
        if item and (not operators or set(operators) - set(item.lookups)):
            allowed = "、".join(item.lookups)
            found.append(
                Problem(
                    "lookups",
                    f"“{item.title}”只能用这些方式查询：{allowed or '无'}。",
                    f"“{item.title}” may be looked up by: {', '.join(item.lookups) or 'nothing'}.",
                )
            )
    if set(wish.required) - set(names):
        found.append(
            Problem(
                "required", "必填条件须在查询条件之中。", "What is required has to be among the look-ups."
            )
        )
    narrowing = [item for item in known.values() if item.narrows]
    needed = set(wish.required or names)
    if names and narrowing and not needed & {item.name for item in narrowing}:
        titles = [item.title for item in narrowing]
        found.append(
            Problem(
                "lookups",
                f"查询条件至少要包含一个能定位到具体对象的字段：{'、'.join(titles)}。",
                f"The look-ups have to include one that finds a particular subject: {', '.join(titles)}.",
            )
        )
    elif narrowing and wish.required and needed - {item.name for item in narrowing}:
        found.append(
            Problem(
                "required",
                "必填条件只能是主键或主体字段，否则可以借其他字段批量获取。",
                "Only key or subject fields may be the required ones; others would let data be harvested.",
            )
        )
    return found


def _purposes(wish: Wish) -> list[Problem]:
    found = []
    if not wish.purposes:
        found.append(Problem("purposes", "请写明用途：办理的事项，或法律条款。", "Name the purpose."))
    for index, purpose in enumerate(wish.purposes):
        if not PURPOSE.fullmatch(purpose.code):
            found.append(
                Problem(
                    f"purposes.{index}.code",
                    "用途代码写作 item:事项编码，或 law:法律标识#条，不含空格和分号。",
                    "A purpose is item:<service item code> or law:<law id>#<article>, without spaces.",
                )
            )
        if not purpose.title.strip():
            found.append(Problem(f"purposes.{index}.title", "请写用途的名称。", "Give the purpose a name."))
    if not wish.reason.strip():
        found.append(Problem("reason", "请说明为什么需要这些数据。", "Say why the data is needed."))
    return found


def _rows(rows: tuple[RowCondition, ...], known: dict[str, ItemFacts]) -> list[Problem]:
    found = []
    for index, row in enumerate(rows):
        item = known.get(row.name)
        if item is None or not item.readable:
            found.append(Problem(f"rows.{index}.name", "没有这个数据项。", "There is no such item."))
            continue
        # a fixed condition only narrows, so it may use every operator of its type
        if row.operator not in _OPERATORS[item.type]:
            found.append(
                Problem(
                    f"rows.{index}.operator", "该类型的数据项不能这样比较。", "This item is not compared so."
                )
            )
        if (row.operator == "in") != isinstance(row.value, tuple) or row.value in ("", ()):
            found.append(
                Problem(f"rows.{index}.value", "请填写条件的值。", "Give the value of the condition.")
            )
    return found


def _limits(wish: Wish | Terms) -> list[Problem]:
    given = {
        "rows_per_call": wish.rows_per_call, "calls_per_day": wish.calls_per_day,
        "subjects_per_day": wish.subjects_per_day, "attempts_per_subject": wish.attempts_per_subject,
        "days": wish.days,
    }  # fmt: skip
    found = [
        Problem(name, f"应在 1 到 {_LIMITS[name]} 之间。", f"It has to be between 1 and {_LIMITS[name]}.")
        for name, value in given.items()
        if not 1 <= value <= _LIMITS[name]
    ]
    if wish.hours is not None and not 0 <= wish.hours[0] < wish.hours[1] <= 24 * 60:
        found.append(Problem("hours", "开始时间应早于结束时间。", "The beginning has to be before the end."))
    return found
