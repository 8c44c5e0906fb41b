"""A field with data is encrypted while others read and write: nobody waits long, and the plain values are gone."""

from __future__ import annotations

import random
import threading
import time
from pathlib import Path

import psycopg
import pytest

from tests.store.registry import shops
from tests.store.registry.applied import applied
from tests.store.registry.test_change_under_load import ROWS, TOLD, Traffic
from tests.store.registry.test_encrypting import MARK, holding, released
from yiwang.blocks.registry.public import Owner, Step
from yiwang.vocabulary.crypto import FileKeyProvider, use_key_provider


class Whole(Traffic):
    """With a reader who looks at the whole table from one view of the data, taken a moment before."""

    def __init__(self, made: Owner, rows: int) -> None:
        super().__init__(made, rows)
        self.counted = 0
        self._threads.append(threading.Thread(target=self._count))

    def _count(self) -> None:
        made = self._connected()
        while not self._stop.is_set():
            try:
                made.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                made.execute(TOLD)
                time.sleep(random.uniform(0, 0.05))
                row = made.execute("SELECT count(*) FROM sys_shops_read.shop").fetchone()
                if row != (self._rows,):
                    self.wrong.append(f"a reader counted {row}")
                made.commit()
            except psycopg.Error as problem:
                self.wrong.append(f"count: {problem}")
                made.rollback()
            self.counted += 1
            time.sleep(0.02)


def encrypted_under_load(made: Owner, folder: Path, traffic: Traffic) -> dict[str, float]:
    """Seconds of the steps by their words."""
    use_key_provider(FileKeyProvider(folder / "keys", create=True))
    begun: dict[str, float] = {}
    took: dict[str, float] = {}

    def watch(_position: int, step: Step, moment: str) -> None:
        if moment == "begun":
            begun[step.what.en] = time.monotonic()
        if moment == "done":
            took[step.what.en] = time.monotonic() - begun[step.what.en]

    with traffic:
        time.sleep(0.3)
        released(folder, made, watch)
        time.sleep(0.3)
    return took


def filled(made: Owner, folder: Path, rows: int) -> None:
    applied(shops.first(folder), on=made)
    made.execute(
        "INSERT INTO sys_shops.shop (number, name, kind, size, address, phone, _by)"
        " SELECT 'S' || lpad(n::text, 9, '0'), '店铺' || n, (ARRAY['shop', 'stall'])[n %% 2 + 1], n %% 500,"
        " '街' || n, %s || n, 'load' FROM generate_series(0, %s) n",
        [MARK, rows - 1],
    )
    made.execute("ANALYZE sys_shops.shop")


def judged(made: Owner, traffic: Traffic, rows: int) -> None:
    assert traffic.wrong == []
    assert traffic.reads > 10
    assert traffic.writes > 10
    counted = made.execute(
        "SELECT count(*), count(DISTINCT number), count(*) FILTER (WHERE phone IS NULL OR _find_phone IS NULL),"
        " count(*) FILTER (WHERE kind = 'mall') FROM sys_shops.shop"
    ).fetchone()
    assert counted == (rows, rows, 0, len(traffic.changed))
    past = made.execute("SELECT count(*) FROM sys_shops.shop__past WHERE phone IS NOT NULL").fetchone()
    assert past == (traffic.writes,)


def test_nobody_is_kept_out_and_everybody_sees_every_row(separate: Owner, tmp_path: Path) -> None:
    filled(separate, tmp_path, 20_000)
    traffic = Whole(separate, 20_000)
    encrypted_under_load(separate, tmp_path, traffic)
    judged(separate, traffic, 20_000)
    assert traffic.counted > 10
    assert holding(separate, MARK) == []


@pytest.mark.long
def test_ten_million_values_are_encrypted_while_others_read_and_write(
    separate: Owner, tmp_path: Path
) -> None:
    filled(separate, tmp_path, ROWS)
    traffic = Traffic(separate, ROWS)
    took = encrypted_under_load(separate, tmp_path, traffic)
    print("\n".join(f"{seconds:8.1f} s  {what}" for what, seconds in took.items()))
    print(
        f"{traffic.reads} reads, the longest {traffic.longest * 1000:.0f} ms; {traffic.writes} writes;"
        f" errors: {traffic.wrong[:5]}"
    )
    judged(separate, traffic, ROWS)
