"""A release with data is applied while others read and write: nobody waits long, nothing is lost."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import psycopg
import pytest

from tests.store.registry import shops
from tests.store.registry.applied import ROLES, applied
from yiwang.blocks.registry.public import Owner

ROWS = int(os.environ.get("YW_LONG_ROWS", "10000000"))
LONGEST_MS = 200
KEPT_OUT = 50
"""A read that waits so many times that long for a lock, one after the other, is kept out: what the small case judges, for it runs beside
other tests. The long one, which has the machine to itself, lets no reader wait that long at all."""
TOLD = "SELECT set_config('yw.system_roles', 'shops.clerk', true), set_config('yw.purpose', 'upkeep', true)"


class Traffic:
    """Readers and a writer of the application's role, each with what it saw."""

    def __init__(self, made: Owner, rows: int) -> None:
        self._dsn, self._password, self._rows = made.info.dsn, made.info.password, rows
        self._stop = threading.Event()
        self.longest = 0.0
        self.reads = self.writes = self.waits = 0
        self.wrong: list[str] = []
        self.changed: set[str] = set()
        self._threads = [threading.Thread(target=one) for one in (self._read, self._read, self._write)]

    def __enter__(self) -> Traffic:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _connected(self) -> psycopg.Connection[tuple[object, ...]]:
        made = psycopg.connect(self._dsn, password=self._password)
        made.execute(f"SET ROLE {ROLES.app}".encode())
        # a lock that keeps a reader away for longer is told by an error
        made.execute(f"SET lock_timeout = {LONGEST_MS}".encode())
        made.commit()
        return made

    def _read(self) -> None:
        made, at, waits = self._connected(), 0, 0
        while not self._stop.is_set():
            at = (at + 7919) % self._rows
            begun = time.monotonic()
            try:
                made.execute(TOLD)
                found = made.execute(
                    "SELECT number, kind FROM sys_shops_read.shop WHERE number = %s", [f"S{at:09d}"]
                ).fetchall()
                if not found:
                    self.wrong.append("a reader found nothing")
                made.commit()
                waits = 0
            except psycopg.errors.LockNotAvailable:
                made.rollback()
                waits, self.waits = waits + 1, self.waits + 1
                if waits == KEPT_OUT:
                    self.wrong.append("a reader was kept out")
            except psycopg.Error as problem:
                self.wrong.append(f"read: {problem}")
                made.rollback()
            self.longest = max(self.longest, time.monotonic() - begun)
            self.reads += 1
            time.sleep(0.005)

    def _write(self) -> None:
        made, at = self._connected(), 0
        made.execute("SET lock_timeout = 0")
        made.commit()
        while not self._stop.is_set():
            at += 1
            number = f"S{(at * 104729) % self._rows:09d}"
            try:
                made.execute(TOLD)
                made.execute(
                    "SELECT sys_shops.shop__put((SELECT _id FROM sys_shops_read.shop WHERE number = %s),"
                    " '{\"kind\": \"mall\"}', current_date, 'infinity', now(), 'writer', false)",
                    [number],
                )
                made.commit()
                self.changed.add(number)
                self.writes += 1
            except psycopg.errors.UndefinedColumn:
                made.rollback()  # the release changed between reading the function and running it: tried again
                at -= 1
            except psycopg.Error as problem:
                self.wrong.append(f"write: {problem}")
                made.rollback()
            time.sleep(0.005)


def changed_under_load(made: Owner, tmp_path: Path, rows: int) -> Traffic:
    applied(shops.first(tmp_path), on=made)
    made.execute(
        "INSERT INTO sys_shops.shop (number, name, kind, size, address, phone, _by)"
        " SELECT 'S' || lpad(n::text, 9, '0'), '店铺' || n, (ARRAY['shop', 'stall', 'mall'])[n %% 3 + 1], n %% 500,"
        " '街' || n, '1', 'load' FROM generate_series(0, %s) n",
        [rows - 1],
    )
    made.execute("ANALYZE sys_shops.shop")
    with Traffic(made, rows) as traffic:
        time.sleep(0.3)
        applied(shops.second(tmp_path), confirmation="并类", on=made)
        time.sleep(0.3)
    return traffic


def judged(made: Owner, traffic: Traffic, rows: int) -> None:
    assert traffic.wrong == []
    assert traffic.reads > 10
    assert traffic.writes > 10
    row = made.execute(
        "SELECT count(*), count(*) FILTER (WHERE letters <> char_length(title)), count(*) FILTER (WHERE kind = 'stall'),"
        " count(*) FILTER (WHERE size <> substr(number, 2)::int % 500), count(*) FILTER (WHERE open IS NOT TRUE)"
        " FROM sys_shops.shop"
    ).fetchone()
    assert row == (rows, 0, 0, 0, 0)
    places = made.execute(
        "SELECT count(*), count(*) FILTER (WHERE address <> '街' || substr(number, 2)::int) FROM sys_shops.place"
    ).fetchone()
    assert places == (rows, 0)
    written = made.execute(
        "SELECT count(*) FROM sys_shops.shop WHERE number = ANY (%s) AND kind = 'mall'",
        [list(traffic.changed)],
    ).fetchone()
    assert written == (len(traffic.changed),)


def test_no_reader_is_kept_out_and_no_write_is_lost(separate: Owner, tmp_path: Path) -> None:
    judged(separate, changed_under_load(separate, tmp_path, 20_000), 20_000)


@pytest.mark.long
def test_ten_million_rows_change_while_others_read_and_write(separate: Owner, tmp_path: Path) -> None:
    begun = time.monotonic()
    traffic = changed_under_load(separate, tmp_path, ROWS)
    print(
        f"{ROWS} rows in {time.monotonic() - begun:.0f} s; {traffic.reads} reads, the longest"
        f" {traffic.longest * 1000:.0f} ms, {traffic.waits} times {LONGEST_MS} ms for a lock; {traffic.writes} writes"
    )
    judged(separate, traffic, ROWS)
    assert traffic.waits == 0
