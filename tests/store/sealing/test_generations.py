"""By which generation is sealed, while others replace the key."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection, transaction

from yiwang.blocks.sealing import public as sealing

NOW = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.mark.django_db
def test_the_newest_generation_seals_and_every_living_one_may_be_met() -> None:
    assert (sealing.present("registry"), sealing.living("registry")) == (1, (1,))
    assert sealing.hold("registry") == 1
    assert sealing.begin_generation("registry", "operator", NOW) == 2
    assert (sealing.hold("registry"), sealing.present("identity")) == (2, 1)
    assert sealing.living("registry") == (2, 1)
    destroyed: list[int] = []
    with pytest.raises(sealing.GenerationInUse):
        sealing.retire_generation("registry", 1, "operator", NOW, lambda: {1: 3, 2: 4}, destroyed.append)
    assert destroyed == []
    for _ in range(2):  # begun and broken off, it is done again
        sealing.retire_generation("registry", 1, "operator", NOW, lambda: {2: 4}, destroyed.append)
    assert destroyed == [1, 1]
    assert sealing.living("registry") == (2,)
    assert [(one.generation, one.retired_at) for one in sealing.generations("registry")] == [
        (1, NOW),
        (2, None),
    ]
    with connection.cursor() as cursor:
        cursor.execute("SELECT entry::jsonb ->> 'event' FROM journal_outbox ORDER BY id")
        assert [row[0] for row in cursor.fetchall()] == ["sealing-key-begun", "sealing-key-retired"]


@pytest.mark.django_db
def test_what_was_sealed_by_a_closed_generation_is_not_written() -> None:
    sealing.hold("registry")
    sealing.begin_generation("registry", "operator", NOW)
    sealing.close_older("registry", NOW)
    with connection.cursor() as cursor:
        cursor.execute("SELECT sealing_held('registry', 2)")
        for number in (1, 3):
            with pytest.raises(DatabaseError, match="generation closed"), transaction.atomic():
                cursor.execute("SELECT sealing_held('registry', %s)", [number])


@pytest.mark.django_db(transaction=True)
def test_an_older_generation_is_closed_only_when_nobody_seals_by_it_any_more() -> None:
    holding, leave, closed = threading.Event(), threading.Event(), threading.Event()
    held: list[int] = []

    def writer() -> None:
        with transaction.atomic():
            held.append(sealing.hold("registry"))
            holding.set()
            leave.wait(30)
            held.append(0 if closed.is_set() else 1)
        connection.close()

    def closer() -> None:
        sealing.close_older("registry", NOW)
        closed.set()
        connection.close()

    first = threading.Thread(target=writer)
    first.start()
    assert holding.wait(30)
    sealing.begin_generation("registry", "operator", NOW)
    with transaction.atomic():
        assert sealing.hold("registry") == 2, "nobody waits for the one that still seals by the old one"
    second = threading.Thread(target=closer)
    second.start()
    while not _waits():
        assert second.is_alive()
    leave.set()
    first.join(30)
    second.join(30)
    assert (held, closed.is_set()) == ([1, 1], True)


def _waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return bool(cursor.fetchone()[0])
