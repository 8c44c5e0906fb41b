"""While a batch of a session's calls is stored, the next is signed upon it; where the first fails, the next starts anew."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from msgspec.structs import replace

from tests.journal.cases import KID, Database, answer, writing
from yiwang.blocks.journal.domain.errors import GrantChanged, JournalUnavailable, NonceReplayed
from yiwang.blocks.journal.domain.prepared import Nonce, Prepared
from yiwang.blocks.journal.store.auditing import audit_database
from yiwang.gateway.evidence.signing import KeySigner
from yiwang.gateway.evidence.tokens import nonce_key
from yiwang.gateway.evidence.writer import EvidenceWriter
from yiwang.vocabulary.crypto import FileKeyProvider, SigningKey
from yiwang.vocabulary.evidence import Receipt, parse_head, trust_of

pytestmark = pytest.mark.anyio


class Counting(KeySigner):
    """A signer that counts, and breaks where it is told to."""

    def __init__(self, key: SigningKey) -> None:
        super().__init__(key)
        self.signed = 0
        self.breaks_at = 0

    async def sign(self, data: bytes) -> bytes:
        self.signed += 1
        if self.signed == self.breaks_at:
            raise JournalUnavailable(reason="the signing process has stopped")
        return await super().sign(data)


@pytest.fixture
def signer(keys: Path) -> Counting:
    return Counting(FileKeyProvider(keys).signing_key("evidence"))


@contextmanager
def held(database: Database) -> Iterator[psycopg.Connection]:
    """Nothing can be stored within; what is done over the connection counts at the end."""
    with psycopg.connect(database.url) as connection:
        connection.execute("SELECT FROM journal_lease WHERE log = 'gw1' FOR UPDATE")
        yield connection


def call() -> Prepared:
    """A call of a session."""
    return replace(answer(), proving=False, nonce=None)


async def until_signed(signer: Counting, count: int) -> None:
    async with asyncio.timeout(20):
        while signer.signed < count:
            await asyncio.sleep(0.01)


def begin(writer: EvidenceWriter, *prepared: Prepared) -> asyncio.Future[list[Receipt | BaseException]]:
    return asyncio.gather(*(writer.commit(one) for one in prepared), return_exceptions=True)


def check(database: Database, keys: Path, count: int) -> None:
    (report,) = audit_database(
        database.url, trust_of("lanzhou", FileKeyProvider(keys).describe("evidence")), []
    )
    assert report.damages == []
    assert report.size == count


async def test_the_next_batch_is_signed_while_one_is_stored(
    database: Database, tmp_path: Path, keys: Path, signer: Counting
) -> None:
    database.compile()
    async with writing(database, tmp_path, keys, signer=signer) as writer:
        with held(database):
            first = begin(writer, call(), call())
            await until_signed(signer, 1)
            second = begin(writer, call(), call())
            await until_signed(signer, 2)
            third = begin(writer, call(), call(), call())
            await asyncio.sleep(0.1)
            assert signer.signed == 2, "one batch ahead, no more"
            assert not first.done()
        receipts = [one for part in (await first, await second, await third) for one in part]
    assert [one.index for one in receipts if isinstance(one, Receipt)] == [0, 1, 2, 3, 4, 5, 6]
    assert [parse_head(one.head).size for one in receipts if isinstance(one, Receipt)] == [
        2,
        2,
        4,
        4,
        7,
        7,
        7,
    ]
    assert signer.signed == 3
    check(database, keys, 7)


async def test_what_was_signed_upon_a_refused_batch_is_signed_again_and_stored(
    database: Database, tmp_path: Path, keys: Path, signer: Counting
) -> None:
    database.compile()
    used = Nonce(KID, "used-at-another-gateway", int(time.time()))
    async with writing(database, tmp_path, keys, signer=signer) as writer:
        with psycopg.connect(
            database.url
        ) as connection:  # until its end, the statement waits for what becomes of the nonce
            connection.execute(
                "INSERT INTO journal_nonce (key, created) VALUES (%s, %s)", [nonce_key(used), used.created]
            )
            first = begin(writer, replace(call(), nonce=used), call())
            await until_signed(signer, 1)
            second = begin(writer, call(), replace(call(), grant_epoch=9))
            await until_signed(signer, 2)
        assert [type(one) for one in await first] == [NonceReplayed, Receipt]
        assert [type(one) for one in await second] == [Receipt, GrantChanged]
        assert [one.index for one in (*await first, *await second) if isinstance(one, Receipt)] == [0, 1]
    check(database, keys, 2)


async def test_calls_wait_again_where_their_batch_could_not_be_signed_ahead(
    database: Database, tmp_path: Path, keys: Path, signer: Counting
) -> None:
    database.compile()
    signer.breaks_at = 2
    async with writing(database, tmp_path, keys, signer=signer) as writer:
        with held(database):
            first = begin(writer, call())
            await until_signed(signer, 1)
            second = begin(writer, call())
            await until_signed(signer, 2)
        assert [type(one) for one in (*await first, *await second)] == [Receipt, Receipt]
    check(database, keys, 2)


async def test_a_lost_connection_fails_what_was_signed_ahead_too_and_nothing_of_it_is_stored(
    database: Database, tmp_path: Path, keys: Path, signer: Counting
) -> None:
    database.compile()
    async with writing(database, tmp_path, keys, signer=signer) as writer:
        with held(database):
            first = begin(writer, call())
            await until_signed(signer, 1)
            second = begin(writer, call(), call())
            await until_signed(signer, 2)
            database.run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'yiwang evidence gw1'"
                " AND datname = current_database()"
            )
            assert [type(one) for one in (*await first, *await second)] == [JournalUnavailable] * 3
        assert database.number("SELECT count(*) FROM journal_leaf") == 0
        async with asyncio.timeout(20):
            while writer.state != "open":
                await asyncio.sleep(0.01)
        assert [type(one) for one in await begin(writer, call(), call())] == [Receipt, Receipt]
    check(database, keys, 2)


async def test_calls_with_signatures_of_their_own_are_not_signed_ahead(
    database: Database, tmp_path: Path, keys: Path, signer: Counting
) -> None:
    """Batches would become smaller, and a processor is short of time already (docs/adr/0050)."""
    database.compile()
    async with writing(database, tmp_path, keys, signer=signer) as writer:
        with held(database):
            first = begin(writer, answer())
            await until_signed(signer, 1)
            second = begin(writer, answer(), answer())
            await asyncio.sleep(0.1)
            assert signer.signed == 1
        assert [type(one) for one in (*await first, *await second)] == [Receipt] * 3
    check(database, keys, 3)
