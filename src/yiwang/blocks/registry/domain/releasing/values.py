"""What a field's value is in the next release, as SQL over the row of the last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from yiwang.blocks.registry.domain.compiled import Field, System
from yiwang.blocks.registry.domain.layout import LOOKUP
from yiwang.blocks.registry.domain.quoting import name, text
from yiwang.blocks.registry.domain.releasing.naming import next_name
from yiwang.blocks.registry.domain.releasing.support import Unchangeable


@dataclass(frozen=True, slots=True)
class Fresh:
    """A column that is filled beside what is there.

    Attributes:
        column: its name after the switch.
        value: SQL over `row`, the row under its coming names.
        replaces: the column whose place it takes; empty for a new one.
        constant: the value of all rows, so that none need be touched.
        past: whether what was once believed gets it too.
    """

    column: str
    sql: str
    value: str
    required: bool
    replaces: str = ""
    constant: str = ""
    past: bool = False


def new(field: Field, fresh: list[Fresh], optional: list[tuple[str, str]]) -> None:
    """A field that was not there: filled by its formula, by its default, or empty."""
    kinds = field.stored_types()
    constant = literal(field)
    if field.fill is not None:
        value = f"coalesce({field.fill}, {constant})" if constant else field.fill
        fresh.append(Fresh(field.columns[0], kinds[0], value, field.required))
    elif constant or field.required:
        value = f"coalesce({name('row', next_name(field.columns[0]))}, {constant})" if constant else "NULL"
        fresh += [
            Fresh(column, kind, value, field.required, constant=constant)
            for column, kind in zip(field.columns, kinds, strict=True)
        ]
    else:
        optional += list(zip(field.columns, kinds, strict=True))
    if field.encrypted and field.lookup:
        optional += [(LOOKUP + column, "bytea") for column in field.columns]


def tighten(field: Field, source: Field, fresh: list[Fresh], tightened: list[str]) -> None:
    """A field that must be given from now on."""
    constant = literal(field)
    column = source.columns[0]
    if field.fill is None and not constant:
        tightened += source.columns
        return
    plain = name("row", source.columns[0])
    ways = [plain, *([field.fill] if field.fill is not None else []), *([constant] if constant else [])]
    fresh.append(
        Fresh(
            field.columns[0], field.stored_types()[0], f"coalesce({', '.join(ways)})", True, replaces=column
        )
    )


def changed(field: Field, source: Field, replaced: dict[str, dict[str, str]]) -> str:
    """SQL of the value in the next release; empty where it stays what it is."""
    plain = name("row", source.columns[0])
    if len(field.columns) != len(source.columns):
        raise Unchangeable(f"{field.id}：{source.kind} → {field.kind}")
    if field.stored_types() != source.stored_types():
        if len(field.columns) > 1 or field.encrypted or source.encrypted:
            raise Unchangeable(f"{field.id}：{source.kind} → {field.kind}")
        here, there = source.stored_types()[0], field.stored_types()[0]
        if there == "text[]" and here == "text":
            return f"CASE WHEN {plain} IS NULL THEN NULL ELSE ARRAY[{plain}] END"
        return f"({plain})::text::{there}" if here != there else plain
    if field.kind in ("code", "codes") and field.argument in replaced and field.argument == source.argument:
        cases = "".join(f" WHEN {text(a)} THEN {text(b)}" for a, b in replaced[field.argument].items())
        if field.kind == "code":
            return f"CASE {plain}{cases} ELSE {plain} END"
        return f"ARRAY(SELECT DISTINCT CASE c{cases} ELSE c END FROM unnest({plain}) AS c)"
    return ""


def replaced(before: System, after: System) -> dict[str, dict[str, str]]:
    """By list: successors of the codes that the next release retires, as far as they are out of force already."""
    today = date.today().isoformat()  # noqa: DTZ011 (a day of the calendar; codes end on days)
    found: dict[str, dict[str, str]] = {}
    for name_, codes in after.codes.items():
        old = {one.code: one for one in before.codes.get(name_, ())}
        for code in codes:
            was = old.get(code.code)
            if (
                was is not None
                and was.until is None
                and code.until
                and code.until <= today
                and code.successor
            ):
                found.setdefault(name_, {})[code.code] = code.successor
    return found


def literal(field: Field) -> str:
    """The default of a field as SQL of its type; empty where it has none, or one that is known only when written."""
    value = field.default
    if value is None or value == "now" or field.encrypted:
        return ""
    kind = field.stored_types()[0]
    if isinstance(value, list):
        return f"ARRAY[{', '.join(text(str(one)) for one in value)}]::text[]"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return f"{text(str(value))}::{kind}"
