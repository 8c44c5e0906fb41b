"""What is read for an answer: the fields that leave, those that say whom it is about, and the key for paging."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from yiwang.blocks.exchange.domain.compiled import CompiledField
from yiwang.blocks.journal.domain.prepared import Subject
from yiwang.gateway import sql, values
from yiwang.gateway.conditions import Condition, Output
from yiwang.gateway.item_use import Used
from yiwang.gateway.refusals import CursorInvalid, ValueInvalid
from yiwang.gateway.terms import Terms
from yiwang.vocabulary.crypto import CryptoError, open_sealed, seal

CACHED: Final = 256
"""Statements kept for each pair of grant and resource."""


@dataclass(frozen=True, slots=True)
class Selection:
    """A statement, and where in its rows stands what."""

    statement: sql.Statement
    outputs: tuple[tuple[int, Output], ...]
    subjects: tuple[tuple[int, CompiledField], ...]
    key: tuple[int, ...]
    together: sql.Statement | None
    """The same for many calls at once, where the conditions name the whole key and so cost one look each."""
    used: Used
    """Counts the answers that held these outputs."""


def select(
    terms: Terms, outputs: tuple[Output, ...], where: tuple[Condition, ...], *, rows: int, after: bool
) -> Selection:
    """The selection for these outputs and conditions, from the cache of the terms where it was made before.

    `where` is what the caller asks; the fixed conditions of the grant are added here.
    """
    bound = 1 << rows.bit_length()  # one more than asked for tells whether there is a next page
    mark = (
        tuple([output.field.name for output in outputs]),
        tuple([(condition.field.name, condition.operator) for condition in where]),
        bound,
        after,
    )
    found = terms.selections.get(mark)
    if isinstance(found, Selection):
        return found
    fields = tuple(dict.fromkeys([*(o.field for o in outputs), *terms.subjects, *terms.key]))
    place = {field.name: number for number, field in enumerate(fields)}
    fixed = sql.shape(terms.rows)
    statement = sql.statement(
        terms.resource,
        fields,
        sql.shape(where) + fixed,
        after=terms.key if after else (),
        order=terms.key,
        limit=bound,
    )
    made = Selection(
        statement,
        tuple((place[o.field.name], o) for o in outputs),
        tuple((place[f.name], f) for f in terms.subjects),
        tuple(place[f.name] for f in terms.key),
        sql.together(
            terms.resource, fields, tuple([c.field for c in where]), fixed, order=terms.key, limit=bound
        )
        if not after and _names_key(terms, where)
        else None,
        Used(terms.grant, terms.resource, mark[0]),
    )
    if len(terms.selections) >= CACHED:
        terms.selections.clear()
    terms.selections[mark] = made
    return made


def _names_key(terms: Terms, where: tuple[Condition, ...]) -> bool:
    """Whether the conditions are equalities that include the whole declared key."""
    named = {condition.field.name for condition in where if condition.operator == "eq"}
    return bool(terms.key) and len(named) == len(where) and named.issuperset(f.name for f in terms.key)


def shown(selection: Selection, row: Sequence[object]) -> dict[str, object]:
    """One row as it leaves: decoded and masked."""
    decoders = selection.statement.decoders
    answer: dict[str, object] = {}
    for place, output in selection.outputs:
        value = row[place]
        if value is not None:
            decoder = decoders[place]
            if decoder is not None:
                value = decoder(value)
            if output.mask is not None:
                value = output.mask(value if isinstance(value, str) else _plain(value))
        answer[output.field.name] = value
    return answer


def asked_about(where: tuple[Condition, ...]) -> list[tuple[CompiledField, str]]:
    """The subjects that the conditions name exactly."""
    found: list[tuple[CompiledField, str]] = []
    for condition in where:
        if condition.field.subject is None:
            continue
        if condition.operator == "eq":
            found.append((condition.field, _spoken(condition.value)))
        elif condition.operator == "in" and isinstance(condition.value, tuple):
            found.extend([(condition.field, _spoken(value)) for value in condition.value])
    return found


def told_about(selection: Selection, rows: Sequence[Sequence[object]]) -> list[tuple[CompiledField, str]]:
    """The subjects of the rows that were read."""
    return [
        (field, _spoken(row[place]))
        for place, field in selection.subjects
        for row in rows
        if row[place] is not None
    ]


def token(field: CompiledField, value: str) -> str:
    """A subject as it counts towards the caps of a grant."""
    return f"{_kind(field)}:{value}"


def persons(resource: str, subjects: Sequence[tuple[CompiledField, str]]) -> tuple[Subject, ...]:
    """The natural persons among the subjects, for the evidence."""
    return tuple(
        Subject(_kind(field), value, resource, field.name)
        for field, value in subjects
        if field.subject == "person"
    )


def _kind(field: CompiledField) -> str:
    return field.check or field.name


def _plain(value: object) -> str:
    if isinstance(value, msgspec.Raw):
        return bytes(value).decode("utf-8")
    return str(value)


def _spoken(value: object) -> str:
    """One spelling for one subject: a check letter may be stored in lower case."""
    if isinstance(value, str):
        return value.rstrip(" ").upper()
    if isinstance(value, int):
        return str(value)
    return values.spoken(value) if isinstance(value, values.Parameter) else str(value)


class Cursors:
    """Opaque cursors: the key of the last row, sealed, bound to the query that gave it."""

    def __init__(self, key: bytes) -> None:
        """`key` seals; all gateways of a node share it."""
        self._key = key

    def give(self, selection: Selection, row: Sequence[object], query: bytes) -> str:
        """The cursor that goes on after this row."""
        decoders = selection.statement.decoders
        last = []
        for place in selection.key:
            decoder = decoders[place]
            last.append(decoder(row[place]) if decoder is not None else row[place])
        sealed = seal(self._key, msgspec.json.encode(last), b"cursor\0" + query)
        return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode("ascii")

    def take(self, terms: Terms, cursor: str, query: bytes) -> list[object]:
        """The values to go on after. Raises: CursorInvalid."""
        try:
            sealed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
            last = msgspec.json.decode(open_sealed(self._key, sealed, b"cursor\0" + query), type=list[object])
            if len(last) != len(terms.key):
                raise CursorInvalid
            return [values.read(field, value) for field, value in zip(terms.key, last, strict=True)]
        except (binascii.Error, CryptoError, msgspec.MsgspecError, ValueInvalid, ValueError):
            raise CursorInvalid from None
