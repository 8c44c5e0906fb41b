"""A record as the interface answers it, written as JSON by the database itself: nothing is left to do with its values.

It is the text that the encoder would write of the same record, but for the order of names in `hidden` and `masked`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from yiwang.blocks.registry.domain.compiled import Entity, Field
from yiwang.blocks.registry.domain.layout import BY, FROM, HIDDEN, KNOWN, MASKED, RECORD, TO
from yiwang.blocks.registry.domain.quoting import name, text
from yiwang.blocks.registry.domain.values import KEY_SEPARATOR

ROW: Final = "row"
"""What a view is called in every statement."""
HIDDEN_VALUE: Final = "****"
"""Of a value of which no more may be known than that it is there."""
_PARTS: Final = 80
"""Arguments of one call of `concat`; PostgreSQL takes 100."""
_NUMBER: Final = "CASE WHEN pg_typeof({0}) = 'numeric'::regtype THEN to_json({0}::text) ELSE to_json({0}) END"
"""A worked value, of which only the database knows whether it is a decimal: those are texts."""
_NUMBERS: Final = frozenset({"integer", "decimal", "money", "duration", "user"})
_OF_TYPE: Final = {
    "text": "to_json({0})", "bigint": "{0}::text", "boolean": "{0}::text", "date": "to_json({0})",
    "numeric": "to_json({0}::text)", "text[]": "to_json({0})", "point": "to_json({0}::text)", "jsonb": "{0}::text",
    "timestamptz": "",
}  # fmt: skip
_JOINED: Final = frozenset({"text", "bigint"})


def written(entity: Entity, *, dated: bool) -> str | None:
    """The expression over a row of the entity's view, in a session of UTC; None where the application has work to do.

    It has with what is encrypted, and with the sources of fused values.
    """
    if entity.fused or any(one.encrypted for one in entity.fields):
        return None
    parts = [text('{"id":'), name(ROW, RECORD), text(',"values":')]
    before = "{"
    for field in entity.fields:
        value = _value(field)
        if value is None:
            return None
        if field.mask and any(rule.masked for rule in entity.rules):
            value += f", CASE WHEN {_columns(field.columns)} && {name(ROW, MASKED)} THEN {text(_quoted(HIDDEN_VALUE))} END"
        parts += [text(f"{before}{_quoted(field.id)}:"), f"coalesce({value}, 'null')"]
        before = ","
    since, until = (
        (
            f"to_json({name(ROW, FROM)})",
            f"coalesce(to_json(nullif({name(ROW, TO)}, 'infinity'))::text, 'null')",
        )
        if dated
        else ("'null'", "'null'")
    )
    parts += [
        text('},"since":'), since, text(',"until":'), until,
        text(',"known":'), _moment(name(ROW, KNOWN), "Z"), text(',"replaced":null,"by":'), f"to_json({name(ROW, BY)})",
        text(',"hidden":'), _fields(entity, HIDDEN), text(',"masked":'), _fields(entity, MASKED), text(',"sources":{}}'),
    ]  # fmt: skip
    return _concat(parts).replace("%", "%%")


def _value(field: Field) -> str | None:
    """A field's value as JSON, NULL where there is none; None for a type of which this does not know."""
    if field.derived is not None:
        given = f"({field.derived})"
        if field.kind == "datetime":
            return f"({_moment(given)})"
        return f"({(_NUMBER if field.kind in _NUMBERS else 'to_json({0})').format(given)})::text"
    columns = [name(ROW, column) for column in field.columns]
    types = [kind.partition("(")[0] for kind in field.stored_types()]
    if len(columns) > 1:
        if not _JOINED.issuperset(types):
            return None
        whole = " AND ".join(f"{one} IS NOT NULL" for one in columns)
        joined = f" || {text(KEY_SEPARATOR)} || ".join(columns)
        return f"CASE WHEN {whole} THEN to_json({joined})::text END"
    if types[0] not in _OF_TYPE:
        return None
    if types[0] == "timestamptz":
        return f"({_moment(columns[0])})"
    shown = _OF_TYPE[types[0]].format(columns[0])
    return shown if shown.endswith("::text") else f"{shown}::text"


def _moment(value: str, zone: str = "+00:00") -> str:
    """A moment in UTC: microseconds in six digits, or none."""
    whole = 'YYYY-MM-DD"T"HH24:MI:SS'
    pattern = (
        f"CASE WHEN date_trunc('second', {value}) = {value} THEN {text(whole)} ELSE {text(whole + '.US')} END"
    )
    mark, end = text('"'), text(f'{zone}"')
    return f"{mark} || to_char({value}, {pattern}) || {end}"


def _fields(entity: Entity, column: str) -> str:
    """The names of fields whose columns a list of the view names."""
    listed = name(ROW, column)
    if all(field.columns == (field.id,) for field in entity.fields):
        return f"array_to_json({listed})"
    pairs = ", ".join(f"({text(one)}, {text(field.id)})" for field in entity.fields for one in field.columns)
    return (
        f"CASE WHEN {listed} = '{{}}' THEN '[]' ELSE (SELECT json_agg(DISTINCT field)::text"
        f" FROM unnest({listed}) AS told(one) JOIN (VALUES {pairs}) AS known(one, field) USING (one)) END"
    )


def _columns(columns: Sequence[str]) -> str:
    return f"ARRAY[{', '.join(text(one) for one in columns)}]"


def _quoted(word: str) -> str:
    return f'"{word}"'


def _concat(parts: Sequence[str]) -> str:
    if len(parts) <= _PARTS:
        return f"concat({', '.join(parts)})"
    return _concat([_concat(parts[at : at + _PARTS]) for at in range(0, len(parts), _PARTS)])
