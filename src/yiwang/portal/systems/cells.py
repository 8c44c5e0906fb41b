"""How the value of a field is shown: with its unit and its code's label, masked, hidden or missing with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal

from django.utils.translation import gettext

from yiwang.blocks.registry import public as registry
from yiwang.blocks.registry.public import Entity, Field, Plain, Record, System
from yiwang.portal import formats
from yiwang.portal.agencies import agency_facts
from yiwang.portal.systems.naming import place_name

State = Literal["value", "empty", "hidden", "covered", "masked"]
NUMBERS: Final = frozenset({"integer", "money", "decimal"})
_MONO: Final = frozenset({
    "serial", "resident_id", "uscc", "phone", "division", "resource", "evidence", "point", "period",
})  # fmt: skip
LONG: Final = 60
"""A text from this length on is cut in a list."""


@dataclass(frozen=True)
class Cell:
    """A field of a record as it is shown.

    Attributes:
        state: `covered`: masked on the page, the reader may ask to see it; `masked`: they may not.
        sub: what stands small under it, such as the code behind a label.
        reason: why it is hidden, masked or missing.
        url: where a reference leads.
        agency: 统一社会信用代码 of an agency.
    """

    id: str
    title: str
    text: str
    state: State
    reason: str = ""
    sub: str = ""
    url: str = ""
    agency: str = ""
    number: bool = False
    mono: bool = False
    sensitive: bool = False


def cell(system: System, field: Field, record: Record, *, plain: bool = False) -> Cell:
    """A field of a record; `plain` shows what its mask would cover, where the reader may see it."""
    title = field.title.text(formats.language())
    if field.id in record.hidden:
        reason = gettext("Your role or purpose does not include this field")
        return Cell(field.id, title, "", "hidden", reason, sensitive=field.grade >= 3)
    value = record.values.get(field.id)
    if value is None or value == []:
        return Cell(field.id, title, formats.MISSING, "empty", gettext("Not filled in"))
    if field.id in record.masked:
        reason = gettext("The rules show it masked to your role")
        return Cell(field.id, title, str(value), "masked", reason, mono=True, sensitive=True)
    covering = covered_by(field)
    if covering is not None and not plain:
        shown = str(registry.masked_value(covering, value))
        reason = gettext("Masked on the page; asking to see it is noted")
        return Cell(field.id, title, shown, "covered", reason, mono=True, sensitive=True)
    text, sub = said(system, field, value)
    return Cell(
        field.id, title, text, "value", "", sub, agency=str(value) if field.kind == "org" else "",
        number=field.kind in NUMBERS, mono=field.kind in _MONO, sensitive=field.grade >= 3,
    )  # fmt: skip


def covered_by(field: Field) -> Field | None:
    """The field whose mask covers a value on a page: its own, or that of the key which a reference holds."""
    if field.mask:
        return field
    if field.target is None:
        return None
    try:
        _, target = registry.entity_of(*field.target)
    except registry.RegistryError:
        return field if field.grade >= 3 else None
    return next((key for key in map(target.field, target.key) if key.mask or key.grade >= 3), None)


def said(system: System, field: Field, value: Plain) -> tuple[str, str]:
    """A value in words, and what stands small beside it. No value is a dash."""
    if value is None or value == []:
        return formats.MISSING, ""
    match field.kind:
        case "code":
            return code_label(system, field, str(value)), ""
        case "codes" if isinstance(value, list):
            joiner = ", " if formats.language() == "en" else "、"
            return joiner.join(code_label(system, field, one) for one in value), ""
        case "boolean":
            return (gettext("Yes") if value else gettext("No")), ""
        case "money":
            return yuan(value), gettext("yuan")
        case "integer" if isinstance(value, int):
            return formats.number(value), unit_words(field)
        case "decimal":
            return str(value), unit_words(field)
        case "datetime":
            return formats.minute(datetime.fromisoformat(str(value))), ""
        case "org":
            facts = agency_facts(str(value))
            return (facts.short(formats.language()), str(value)) if facts else (str(value), "")
        case "division":
            name = place_name(str(value))
            return (name, str(value)) if name else (str(value), "")
        case "point":
            return str(value).strip("()").replace(",", ", "), ""
        case "files" | "list" if isinstance(value, list):
            return ", ".join(value), ""
        case _:
            return str(value), unit_words(field)


def unit_words(field: Field) -> str:
    """The declared unit of a number."""
    return formats.pick(field.unit, field.unit_en)


def code_label(system: System, field: Field, code: str) -> str:
    """The label of a code; a code that is in no list stands for itself."""
    found = next((one for one in system.codes.get(field.argument, ()) if one.code == code), None)
    return found.label.text(formats.language()) if found else code


def yuan(value: Plain) -> str:
    """Money, kept in 分, in 元 with two digits."""
    return f"{Decimal(str(value)) / 100:,.2f}"


def record_title(system: System, entity: Entity, record: Record) -> str:
    """What a record is called: its first searchable text that may stand in a heading, else its key."""
    for field in entity.fields:
        readable = field.search and field.kind in ("text", "long_text") and covered_by(field) is None
        value = record.values.get(field.id)
        if readable and isinstance(value, str) and field.id not in record.masked:
            return value if len(value) <= LONG else value[:LONG] + "…"
    return key_words(system, entity, record)


def key_words(system: System, entity: Entity, record: Record) -> str:
    """A record's key as it may stand on a page."""
    return " · ".join(cell(system, entity.field(name), record).text for name in entity.key)
