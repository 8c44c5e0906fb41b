"""A job that takes so many rows a second at most."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest

from yiwang.dataplane.connectors.places import Reach, place_of
from yiwang.dataplane.transfer.job import Progress
from yiwang.dataplane.transfer.keeping import JobFolder, JobStore, Wish
from yiwang.dataplane.transfer.planning import Order
from yiwang.dataplane.transfer.running import copy


def test_asking_what_a_person_wants_may_take_longer_than_the_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sqlite3.connect(tmp_path / "here.db") as here:
        here.execute("CREATE TABLE t (id integer PRIMARY KEY, v text)")
        here.executemany("INSERT INTO t VALUES (?, ?)", [(n, "值") for n in range(3)])
    honest, waits = JobStore.wish, list[Progress]()

    def slow(self: JobStore) -> Wish:
        if waits:  # the first look of a wait
            waits.clear()
            time.sleep(1.1)
        return honest(self)

    monkeypatch.setattr(JobStore, "wish", slow)
    places = [place_of(f"sqlite:{tmp_path / name}", Reach()) for name in ("here.db", "there.db")]
    order = Order("job", "t", "t", chunk_rows=1, rate=1)
    report = copy(places[0], places[1], order, JobFolder(tmp_path / "jobs", "job"), waits.append)
    assert report.proven
    assert report.rows.passed == 3
