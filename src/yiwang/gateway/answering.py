"""What a call under a grant reads, and what of it leaves: queries and verifications."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from datetime import date

import msgspec

from yiwang.blocks.exchange.domain.compiled import CompiledField
from yiwang.blocks.journal.domain.prepared import Subject
from yiwang.gateway import policy, values
from yiwang.gateway.bodies import decode, exact_number
from yiwang.gateway.conditions import Condition, Output
from yiwang.gateway.item_use import Used
from yiwang.gateway.refusals import CursorInvalid, PagingUnavailable, ValueInvalid
from yiwang.gateway.selection import (
    Cursors,
    Selection,
    asked_about,
    persons,
    select,
    shown,
    token,
    told_about,
)
from yiwang.gateway.sources import Sources
from yiwang.gateway.sql import parameters
from yiwang.gateway.terms import Terms

_QUERY = msgspec.json.Decoder(policy.QueryBody, float_hook=exact_number)
_VERIFY = msgspec.json.Decoder(policy.VerifyBody, float_hook=exact_number)
_encode = msgspec.json.Encoder().encode
_sorted = msgspec.json.Encoder(order="sorted").encode


class Read(msgspec.Struct, frozen=True):
    """An answer that may leave once its evidence is stored.

    Attributes:
        rows: how many rows were read for it.
        charged: subjects that count towards the caps of the grant.
        subjects: natural persons that it is about.
        used: counts the answers that hold, or compare, the same items.
    """

    body: bytes
    rows: int
    charged: tuple[str, ...]
    subjects: tuple[Subject, ...]
    used: Used


class _QueryAnswer(msgspec.Struct, frozen=True):
    resource: str
    version: int
    rows: list[dict[str, object]]
    next: str | None


class _VerifyAnswer(msgspec.Struct, frozen=True):
    resource: str
    version: int
    claims: dict[str, str]


class Answering:
    """Reads from the sources what the policy has allowed."""

    def __init__(self, sources: Sources, cursors: Cursors) -> None:
        """`cursors` seals what paging goes on from."""
        self._sources = sources
        self._cursors = cursors

    async def query(self, terms: Terms, body: bytes, today: date) -> Read:
        """The rows that a query asks for. Raises: Refusal, BadCall, SourceTrouble."""
        asked = decode(_QUERY, body)
        plan = policy.plan_query(terms, asked, today)
        where = plan.where
        after: list[object] = []
        if plan.cursor is not None:
            if not terms.key:
                raise PagingUnavailable(resource=terms.resource.code, limit=plan.limit)
            after = self._cursors.take(terms, plan.cursor, _mark(terms, asked))
        selection = select(terms, plan.outputs, where, rows=plan.limit, after=plan.cursor is not None)
        rows = await self._rows(terms, selection, where, after)
        following = None
        if len(rows) > plan.limit:
            if not terms.key:
                raise PagingUnavailable(resource=terms.resource.code, limit=plan.limit)
            rows = rows[: plan.limit]
            if any(rows[-1][place] is None for place in selection.key):
                raise CursorInvalid
            following = self._cursors.give(selection, rows[-1], _mark(terms, asked))
        subjects = list(dict.fromkeys([*asked_about(plan.where), *told_about(selection, rows)]))
        resource = terms.resource
        answer = _QueryAnswer(
            resource.code, resource.version, [shown(selection, row) for row in rows], following
        )
        return _read(_encode(answer), len(rows), terms, subjects, selection.used)

    async def verify(self, terms: Terms, body: bytes, today: date) -> Read:
        """Whether claims about one subject are true. Raises: Refusal, BadCall, SourceTrouble.

        Every claim is compared whatever was found, and the statement is the same, so that neither work nor
        shape of the answer tells more than the three words.
        """
        asked = decode(_VERIFY, body)
        plan = policy.plan_verify(terms, asked, today)
        where = plan.where
        outputs = tuple(Output(field, None) for field, _ in plan.claims)
        selection = select(terms, outputs, where, rows=1, after=False)
        rows = await self._rows(terms, selection, where, [])
        row = shown(selection, rows[0]) if len(rows) == 1 else {}
        resource = terms.resource
        answer = _VerifyAnswer(
            resource.code,
            resource.version,
            {field.name: _compared(field, row.get(field.name), claimed) for field, claimed in plan.claims},
        )
        subjects = asked_about(plan.where)
        read = _read(_encode(answer), len(rows), terms, subjects, selection.used)
        if subjects:
            return read
        return msgspec.structs.replace(read, charged=(_nameless(plan.where),))

    async def _rows(
        self, terms: Terms, selection: Selection, where: tuple[Condition, ...], after: list[object]
    ) -> Sequence[Sequence[object]]:
        source = self._sources.of(terms.resource.source)
        asked, fixed = parameters(where), parameters(terms.rows)
        if selection.together is not None:
            return await source.look_up(
                terms.resource, selection.statement, selection.together, asked=asked, fixed=fixed
            )
        return await source.fetch(terms.resource, selection.statement, [*asked, *fixed, *after])


def _read(
    body: bytes,
    rows: int,
    terms: Terms,
    subjects: Sequence[tuple[CompiledField, str]],
    used: Used,
) -> Read:
    return Read(
        body,
        rows,
        tuple([token(field, value) for field, value in subjects]),
        persons(terms.resource.code, subjects),
        used,
    )


def _compared(field: CompiledField, found: object, claimed: str) -> str:
    """Whether what was found says what is claimed, in one text for equal values."""
    known = ""
    if found is not None:
        try:
            known = values.spoken(values.read(field, found if isinstance(found, bool | int) else str(found)))
        except ValueInvalid:
            found = None
    same = hmac.compare_digest(
        hashlib.sha256(known.encode("utf-8")).digest(), hashlib.sha256(claimed.encode("utf-8")).digest()
    )
    if found is None:
        return "unknown"
    return "match" if same else "mismatch"


def _nameless(where: tuple[Condition, ...]) -> str:
    """The subject of a verification that names it by none of the subject fields: all it is named by."""
    return "\0".join(sorted(f"{c.field.name}={c.value}" for c in where))


def _mark(terms: Terms, asked: policy.QueryBody) -> bytes:
    """What a cursor is bound to: the grant, the edition of the resource and the question."""
    grant, resource = terms.grant, terms.resource
    return _sorted([grant.id, resource.code, resource.version, asked.where, asked.fields])
