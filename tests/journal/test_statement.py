"""A batch is stored by a statement that has the parts which its items need, and every such statement can be stored by."""

from __future__ import annotations

from itertools import chain, combinations
from pathlib import Path

import msgspec
import psycopg
import pytest

from tests.journal.cases import Database, answer, charge, person, writing
from yiwang.blocks.journal.domain.errors import NonceReplayed
from yiwang.blocks.journal.domain.prepared import Charge, Nonce, Prepared, Subject
from yiwang.gateway.evidence.statement import Part, commit

pytestmark = pytest.mark.anyio

FREE: tuple[Part, ...] = ("grants", "clients", "nonces", "subjects", "outbox")
CHARGED: tuple[tuple[Part, ...], ...] = (
    (),
    ("usage",),
    ("usage", "keys"),
    ("usage", "asked"),
    ("usage", "asked", "attempts"),
    ("usage", "keys", "asked"),
    ("usage", "keys", "asked", "attempts"),
)


def test_every_mix_of_parts_is_a_statement_of_the_database(database: Database) -> None:
    mixes = [
        frozenset((*free, *charged))
        for free in chain.from_iterable(combinations(FREE, count) for count in range(len(FREE) + 1))
        for charged in CHARGED
    ]
    assert len(mixes) == 2**5 * 7
    with psycopg.connect(database.url, autocommit=True) as connection:
        for number, parts in enumerate(mixes):
            text, names = commit(parts)
            connection.execute(f"PREPARE mix_{number} AS {text}".encode())
            row = connection.execute(
                "SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = %s",
                [f"mix_{number}"],
            ).fetchone()
            assert row == (len(names),), sorted(parts)


def test_what_a_call_of_a_session_does_not_need_is_not_asked_of_the_server() -> None:
    text, names = commit(frozenset(("grants", "clients", "usage", "asked", "subjects")))
    for table in ("journal_nonce", "journal_idempotency", "journal_outbox", "UPDATE journal_usage_subject"):
        assert table not in text
    assert "journal_log" not in text  # no floor where nothing was signed by the caller
    assert not {"nonces", "keys", "outbox"} & set(names)


def needing(
    *, nonce: str | None = None, charged: Charge | None = None, subjects: tuple[Subject, ...] = ()
) -> Prepared:
    """A leaf that needs this and no more."""
    return msgspec.structs.replace(
        answer(),
        nonce=Nonce("a" * 32, nonce, 1_796_000_000) if nonce else None,
        charge=charged,
        subjects=subjects,
    )


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(needing(), id="nothing"),
        pytest.param(needing(charged=charge()), id="usage"),
        pytest.param(needing(charged=charge(key="k-1")), id="usage keys"),
        pytest.param(needing(charged=charge(subjects=("a",))), id="usage asked"),
        pytest.param(needing(charged=charge(subjects=("a",), attempt=True)), id="usage asked attempts"),
        pytest.param(needing(nonce="n-1", subjects=(person(1),)), id="nonces subjects"),
        pytest.param(
            needing(
                nonce="n-2",
                charged=charge(key="k-2", subjects=("a", "b"), attempt=True),
                subjects=(person(1),),
            ),
            id="all of a call",
        ),
    ],
)
async def test_each_need_is_stored(database: Database, tmp_path: Path, keys: Path, given: Prepared) -> None:
    database.compile()
    async with writing(database, tmp_path, keys) as writer:
        await writer.commit(given)
        await writer.commit(needing(charged=charge()))  # another mix over the same connection
    charged = given.charge
    assert database.number("SELECT count(*) FROM journal_leaf") == 2
    assert database.number("SELECT count(*) FROM journal_nonce") == (given.nonce is not None)
    assert database.number("SELECT count(*) FROM journal_subject") == len(given.subjects)
    assert database.number("SELECT calls FROM journal_usage") == 1 + (charged is not None)
    keyed = charged is not None and charged.idempotency is not None
    assert database.number("SELECT count(*) FROM journal_idempotency") == keyed
    asked = len(charged.subjects) if charged else 0
    assert database.number("SELECT subjects FROM journal_usage") == asked
    assert database.number("SELECT count(*) FROM journal_usage_subject") == asked
    attempts = asked if charged and charged.attempt else 0
    assert database.number("SELECT coalesce(sum(attempts), 0) FROM journal_usage_subject") == attempts


async def test_a_nonce_of_another_gateway_is_refused_by_whatever_statement(
    database: Database, tmp_path: Path, keys: Path
) -> None:
    database.compile()
    async with writing(database, tmp_path, keys) as writer:
        await writer.commit(needing(charged=charge()))
        await writer.commit(needing(nonce="n-1"))
    async with writing(database, tmp_path, keys, log="gw2") as other:
        await other.commit(needing(charged=charge()))
        with pytest.raises(NonceReplayed):
            await other.commit(needing(nonce="n-1"))
    assert database.number("SELECT count(*) FROM journal_nonce") == 1
