"""Between what a person types and what the registry takes: 元 and 分, a minute and a moment with its zone."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation

from django.utils import timezone

from yiwang.blocks.registry.public import Field, Plain
from yiwang.portal import formats


def kept_text(field: Field, typed: str) -> str:
    """What was typed, as the registry reads it; what cannot be turned is left for the registry to refuse."""
    typed = typed.strip()
    if not typed:
        return ""
    if field.kind == "money":
        return _fen(typed)
    if field.kind == "datetime":
        try:
            found = datetime.fromisoformat(typed)
        except ValueError:
            return typed
        return (timezone.make_aware(found) if found.tzinfo is None else found).isoformat()
    return typed


def typed_text(field: Field, value: Plain) -> str:
    """A value as it stands in the input of its field."""
    if value is None:
        return ""
    match field.kind:
        case "money":
            return format(Decimal(str(value)) / 100, "f")
        case "datetime":
            return formats.local(datetime.fromisoformat(str(value))).strftime("%Y-%m-%dT%H:%M")
        case "boolean":
            return "true" if value else "false"
        case "point":
            return str(value).strip("()")
        case _ if isinstance(value, list):
            return "\n".join(value)
        case _:
            return str(value)


def moment_of(day: date, at: time) -> str:
    """A moment of the node's day, as ISO 8601 with its zone."""
    return timezone.make_aware(datetime.combine(day, at)).isoformat()


def _fen(typed: str) -> str:
    try:
        fen = Decimal(typed.replace(",", "").replace("，", "")) * 100
    except InvalidOperation:
        return typed
    return str(int(fen)) if fen.is_finite() and fen == fen.to_integral_value() else f"{fen}"
