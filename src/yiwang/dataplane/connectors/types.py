"""PostgreSQL column types as the catalogue's types."""

from __future__ import annotations

import re

from yiwang.dataplane.connectors.facts import ColumnType

_TYPES: dict[str, ColumnType] = {
    "smallint": "integer", "integer": "integer", "bigint": "integer", "oid": "integer",
    "numeric": "decimal", "real": "decimal", "double precision": "decimal",
    "boolean": "boolean",
    "character varying": "text", "character": "text", "text": "text", "name": "text", "citext": "text",
    "uuid": "text", "inet": "text", "cidr": "text", "macaddr": "text", "macaddr8": "text", "bit": "text",
    "bit varying": "text", "interval": "text", "time without time zone": "text",
    "time with time zone": "text", "xml": "text", "ltree": "text", '"char"': "text",
    "date": "date",
    "timestamp without time zone": "datetime", "timestamp with time zone": "datetime",
    "json": "json", "jsonb": "json",
    "bytea": "binary",
}  # fmt: skip
_MODIFIER = re.compile(r"\([^)]*\)")
_LENGTH = re.compile(r"^(?:character varying|character|bit|bit varying)\((\d+)\)$")


def plain(database_type: str) -> str:
    """The type without its modifiers: `character varying(18)` → `character varying`."""
    return " ".join(_MODIFIER.sub("", database_type).split())


def column_type(database_type: str, kind: str) -> ColumnType | None:
    """The catalogue's type; None for arrays, ranges, geometries and others that answers cannot carry.

    `kind` is PostgreSQL's `typtype`: enumerated types are text.
    """
    if kind == "e":
        return "text"
    if database_type.endswith("[]"):
        return None
    return _TYPES.get(plain(database_type))


def length(database_type: str) -> int:
    """The declared length of a text type in characters, 0 where there is none."""
    found = _LENGTH.match(database_type)
    return int(found.group(1)) if found else 0
