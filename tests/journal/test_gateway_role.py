"""Writer, notary and reader work with the rights of the gateway's role and no others."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from tests.journal.cases import CLIENT, Database, answer, charge, person, writing
from tests.journal.test_notary import notary_of, until
from yiwang.blocks.journal.domain.acks import Acknowledgement, ack_text
from yiwang.blocks.journal.domain.errors import QuotaExhausted
from yiwang.gateway.evidence.reading import EvidenceReader
from yiwang.vocabulary.crypto import generate, suite
from yiwang.vocabulary.merkle import leaf_hash

pytestmark = pytest.mark.anyio
ROLE = "yw_gateway"


@pytest.fixture
def limited(database: Database) -> Iterator[Database]:
    """The test's database, entered in the gateway's role."""
    made = not database.run("SELECT 1 FROM pg_roles WHERE rolname = %s", ROLE)
    if made:
        database.run(f"CREATE ROLE {ROLE}")
    database.run(f"GRANT USAGE ON SCHEMA public TO {ROLE}")
    database.run(import_module("yiwang.blocks.journal.store.migrations.0002_rights").GRANT)
    database.run(import_module("yiwang.blocks.journal.store.migrations.0003_purposes").GRANT)
    database.run(import_module("yiwang.blocks.journal.store.migrations.0007_signatures_that_follow").GRANT)
    database.run(f"GRANT SELECT ON exchange_compiled_grant, identity_compiled_client TO {ROLE}")
    database.compile()
    yield Database(f"{database.url}?role={ROLE}")
    database.run(f"DROP OWNED BY {ROLE}")
    if made:
        database.run(f"DROP ROLE {ROLE}")


async def test_the_gateways_rights_suffice_for_everything_it_does(
    limited: Database, database: Database, tmp_path: Path, keys: Path
) -> None:
    async with writing(limited, tmp_path, keys, coded=True) as writer:
        prepared = [
            answer(charged=charge(key=f"k{n}", subjects=(f"s{n}",), attempt=True), subjects=(person(n),))
            for n in range(300)
        ]
        receipts = await asyncio.gather(*map(writer.commit, prepared))
        for _ in range(2):
            with pytest.raises(QuotaExhausted):
                await writer.commit(answer(charged=charge(key="over", calls=300)))
    database.run('INSERT INTO journal_outbox (entry) VALUES (\'{"event":"e","request_id":"evt-1"}\')')
    notary = notary_of(limited, tmp_path, keys)
    work = asyncio.create_task(notary.run())
    await until(database, "SELECT coalesce(sum(rolled), 0) FROM journal_watermark", 301)
    notary.stop()
    await work
    reader = EvidenceReader(limited.url)
    await reader.start()
    key, digest = generate("sm2-sm3"), leaf_hash(suite("sm2-sm3"), receipts[0].leaf.encode()).hex()
    signature = key.sign(ack_text("gw1", receipts[0].index, digest)).hex()
    given = [Acknowledgement("gw1", receipts[0].index, digest, signature)]
    try:
        assert await reader.acknowledge(CLIENT, key.public, given) == 1
        assert await reader.receipt("gw1", 7) is not None
        assert len(await reader.heads()) == 2
    finally:
        await reader.stop()
