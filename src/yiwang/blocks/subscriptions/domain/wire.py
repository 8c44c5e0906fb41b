"""Values as PostgreSQL writes them, turned into what subscribers read: the same as in an answer of the gateway."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence

import msgspec

from yiwang.blocks.subscriptions.domain.shapes import Field

Wire = str | int | bool | None
"""A value in an event. Decimals, dates and JSON travel as text here; JSON is unfolded when it leaves."""
Row = Mapping[str, Wire]
_TRUTH = {"t": True, "true": True, "1": True, "f": False, "false": False, "0": False}


def wire(field: Field, text: str | None) -> Wire:
    """A value from the text that the source gives for it; what does not fit its type stays text."""
    if text is None:
        return None
    match field.type:
        case "integer":
            plain = text.removeprefix("-")
            return int(text) if plain.isdecimal() and plain.isascii() and len(plain) < 40 else text
        case "boolean":
            return _TRUTH.get(text, text)
        case "date":
            return text[:10] if text[10:11] == " " and not text.endswith("BC") else text
        case "datetime":
            return _moment(text)
        case "binary" if text.startswith("\\x"):
            try:
                return base64.b64encode(binascii.unhexlify(text[2:])).decode("ascii")
            except (binascii.Error, ValueError):
                return text
        case "text" if field.database_type.startswith(("character(", "char(", "bpchar")):
            return text.rstrip(" ")  # padding is the column's, not the value's
        case _:
            return text


def key_text(key: Sequence[Wire]) -> str:
    """One text for a key, by which rows are told apart."""
    return msgspec.json.encode(list(key)).decode("utf-8")


def _moment(text: str) -> str:
    if len(text) < 19 or text[10] != " " or text.endswith("BC"):
        return text
    head = f"{text[:10]}T{text[11:]}"
    return f"{head[:-3]}Z" if head.endswith("+00") else head
