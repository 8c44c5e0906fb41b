"""Factories of the journal's tests: a database with a grant and a client, writers, prepared leaves."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import psycopg

from yiwang.blocks.journal.domain.prepared import Charge, Nonce, Prepared, Subject
from yiwang.gateway.evidence.signing import KeySigner, Signer
from yiwang.gateway.evidence.writer import EvidenceWriter
from yiwang.vocabulary.crypto import FileKeyProvider

CONSUMER, PROVIDER = "11290000MB0000012K", "11290000MB0000020E"
GRANT, CLIENT, KID = "G-2026-000001", "lan-minzheng-1", "a" * 32
DAY = date(2026, 11, 21)
_count = itertools.count(1)


@dataclass(frozen=True)
class Database:
    """A migrated database of one test."""

    url: str

    def run(self, sql: str, *parameters: object) -> list[tuple[object, ...]]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(sql, parameters or None)
            return cursor.fetchall() if cursor.description else []

    def number(self, sql: str, *parameters: object) -> int:
        return int(str(self.run(sql, *parameters)[0][0]))

    def compile(self, *, epoch: int = 1, state: str = "active") -> None:
        """A grant and a client as their blocks compile them."""
        for table, name in (("exchange_compiled_grant", GRANT), ("identity_compiled_client", CLIENT)):
            self.run(
                f"INSERT INTO {table} (id, epoch, state, doc) VALUES (%s, %s, %s, '{{}}') "
                "ON CONFLICT (id) DO UPDATE SET epoch = excluded.epoch, state = excluded.state",
                name, epoch, state,
            )  # fmt: skip


def migrate(url: str) -> None:
    """Bring an empty database to the present schema, in a process of its own."""
    subprocess.run(
        [sys.executable, "-m", "django", "migrate", "--no-input", "--verbosity", "0"],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "yiwang.bootstrap.settings", "YW_DATABASE_URL": url},
        check=True,
        capture_output=True,
    )


def charge(
    *, key: str | None = None, calls: int = 1000, subjects: tuple[str, ...] = (), subjects_limit: int = 500,
    attempt: bool = False, attempts: int = 5,
) -> Charge:  # fmt: skip
    return Charge(
        grant=GRANT, day=DAY, client=CLIENT, idempotency=key, calls_per_day=calls, subjects=subjects,
        subjects_per_day=subjects_limit, attempt=attempt, attempts_per_subject=attempts,
    )  # fmt: skip


def answer(
    *, nonce: str | None = None, created: int | None = None, charged: Charge | None = None, epoch: int | None = 1,
    subjects: tuple[Subject, ...] = (), number: int | None = None,
) -> Prepared:  # fmt: skip
    """A leaf of a query by 周航 for an enterprise, as a gateway would prepare it."""
    at = next(_count) if number is None else number
    return Prepared(
        kind="query", request_id=f"req-{at:026d}", status=200, consumer=CONSUMER, client=CLIENT, key=KID,
        provider=PROVIDER, resource="306001003/12", version=1, grant=GRANT, grant_version=1,
        purpose="item:11290000MB0000012K400", request="b" * 64, request_alg="sm2-sm3", response="c" * 64, rows=1,
        took_us=4200, nonce=Nonce(KID, nonce or f"nonce-{at}", created or int(time.time())),
        grant_epoch=epoch, client_epoch=epoch,
        charge=charged if charged is not None else charge(key=f"idem-{at}"),
        subjects=subjects,
    )  # fmt: skip


def person(number: int) -> Subject:
    return Subject("resident_id", f"29010119900101{number:04d}", "306001003/12", "公民身份号码")


def period_key(period: str) -> bytes:
    return period.encode().ljust(16, b"k")


def head_key() -> bytes:
    return b"the key of codes"


@asynccontextmanager
async def writing(
    database: Database, folder: Path, keys: Path, *, log: str = "gw1", signer: Signer | None = None,
    patience: float = 0.5, clock: Callable[[], int] = time.time_ns, coded: bool = False,
) -> AsyncIterator[EvidenceWriter]:  # fmt: skip
    """A started writer, stopped at the end; `coded`: heads of sessions carry a code until a signature follows."""
    writer = EvidenceWriter(
        database.url, node="lanzhou", log=log, signer=signer or KeySigner(FileKeyProvider(keys).signing_key("evidence")),
        subject_key=period_key, high_water=folder / "journal", patience=patience, clock=clock,
        head_key=head_key if coded else None,
    )  # fmt: skip
    await writer.start()
    try:
        yield writer
    finally:
        await writer.stop()
