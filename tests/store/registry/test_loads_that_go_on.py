"""A load that was broken off goes on where it stopped: at the end each row is there once, or nothing is."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.db import ProgrammingError, connection, transaction

from tests.store.registry import shops
from tests.store.registry.applied import NOW, applied, holder
from tests.store.registry.families import CLERK, OTHER_TOWN, OUTSIDER, TOWN
from tests.store.registry.families import SYSTEM as AID
from tests.store.registry.installing import install
from yiwang.blocks.registry import public as registry
from yiwang.blocks.registry.actions import file_rows, stepwise
from yiwang.blocks.registry.public import Errand, FileRefused, Owner, Wanted
from yiwang.blocks.registry.store.models import Load
from yiwang.blocks.registry.store.staging import Staging
from yiwang.blocks.sealing import public as sealing
from yiwang.vocabulary.crypto import FileKeyProvider, use_key_provider

HEADS = ("number", "name", "kind", "secret")
COUNT = 61
DIGEST = "d" * 64


@pytest.fixture(autouse=True)
def _small_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_key_provider(FileKeyProvider(tmp_path / "keys", create=True))
    monkeypatch.setattr(stepwise, "STEP", 4)
    monkeypatch.setattr(file_rows, "_BATCH", 2)


@pytest.fixture
def clerk(separate: Owner, tmp_path: Path) -> Errand:
    """Who writes shops; the package is applied, with the whole history kept."""
    applied(shops.other(tmp_path / "a", shops.FIRST, "1.0.0", "bitemporal"), on=separate)
    return holder(1, "shops.clerk", purpose="upkeep")


def numbered(rows: Sequence[Sequence[object]]) -> Iterator[tuple[int, Sequence[object]]]:
    return iter([(at, row) for at, row in enumerate(rows, 2)])


def file(count: int = COUNT) -> list[tuple[str, str, str, str]]:
    return [(f"S{at:03}", f"店{at}", "shop", f"账{at}") for at in range(count)]


def taken_in(
    who: Errand, rows: Sequence[Sequence[object]], *, name: str = "census", digest: str = DIGEST,
    at: datetime = NOW, since: date | None = None, watch: registry.Watch | None = None,
) -> int:  # fmt: skip
    told = None if watch is None else lambda read: watch(read, None, "")  # type: ignore[arg-type]
    return registry.load_in_steps(
        who, name, digest, "shops", "shop", HEADS, numbered(rows), lambda: at, since=since, watch=told
    ).rows


def left(made: Owner) -> list[str]:
    """Tables of loads that stand."""
    rows = made.execute("SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace('sys_shops_load')")
    return sorted(str(one) for (one,) in rows.fetchall())


def believed(who: Errand) -> list[tuple[object, ...]]:
    found = registry.records(who, "shops", "shop", Wanted({}, size=200), NOW).records
    return [tuple(one.values[head] for head in HEADS) for one in found]


class Broken(BaseException):
    """The process is ended."""


def broken_off(who: Errand, rows: Sequence[Sequence[object]], after: int) -> None:
    """Take rows in until so many lie there, and no further."""

    def watch(read: int) -> None:
        if read >= after:
            raise Broken

    with pytest.raises(Broken):
        registry.load_in_steps(
            who, "census", DIGEST, "shops", "shop", HEADS, numbered(rows), lambda: NOW, watch=watch
        )


def dies_at(moment: int) -> None:
    """End this process at one of the moments before and after a call of the database, counted from 1."""
    passed = iter(range(1, 100_000))

    def here() -> None:
        if next(passed) == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    for called in ("keep", "keep_step", "copy", "refused", "asked", "drop"):
        plain = getattr(Staging, called)

        def around(*given: object, plain: object = plain) -> object:
            here()
            found = plain(*given)  # type: ignore[operator]
            here()
            return found

        setattr(Staging, called, around)


def in_a_process(who: Errand, moment: int) -> bool:
    """Take the file on in a process of its own, which dies at a moment; whether it came to its end."""
    connection.close()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            dies_at(moment)
            code = 0 if taken_in(who, file()) == COUNT else 1
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return not os.WIFSIGNALED(status)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_process_that_is_killed_at_any_moment_is_followed_by_one_that_goes_on(
    separate: Owner, clerk: Errand, seed: int
) -> None:
    drawn = random.Random(seed)
    killed, positions = 0, [0]
    while not in_a_process(clerk, drawn.choice([3, 5, 7, 9, 12, 20, 40])):
        killed += 1
        if (
            killed > 60
        ):  # the last transaction is done whole or not at all: it needs a process that lives as long
            assert taken_in(clerk, file()) == COUNT
            break
        load = Load.objects.filter(name="census").first()
        if load is not None and load.state == "open":
            assert load.rows >= positions[-1]
            positions.append(load.rows)
            assert believed(clerk) == []
            assert len(left(separate)) == load.steps + 1
    assert killed > 5
    assert len(set(positions)) > 3
    assert believed(clerk) == file()
    assert left(separate) == []
    rows = separate.execute(
        "SELECT count(*), count(DISTINCT _id), count(DISTINCT _known), count(DISTINCT _from) FROM sys_shops.shop"
    )
    assert rows.fetchone() == (COUNT, COUNT, 1, 1)
    assert separate.execute("SELECT count(*) FROM sys_shops.shop__past").fetchone() == (0,)
    told = separate.execute("SELECT count(*) FROM journal_outbox WHERE entry LIKE '%records-imported%'")
    assert told.fetchone() == (1,)
    # asked once more, it says what it did and does it no second time
    assert taken_in(clerk, file()) == COUNT
    assert len(believed(clerk)) == COUNT


def test_records_are_known_from_the_moment_in_which_all_are_there(separate: Owner, clerk: Errand) -> None:
    broken_off(clerk, file(), 8)
    later = NOW + timedelta(days=3)
    assert taken_in(clerk, file(), at=later) == COUNT
    row = separate.execute("SELECT DISTINCT _known, _created, _from::text, _by FROM sys_shops.shop")
    assert row.fetchall() == [(later, later, "2026-11-20", "user1")]


def test_what_lies_there_is_not_read_again_and_not_seen(separate: Owner, clerk: Errand) -> None:
    broken_off(clerk, file(), 40)
    assert believed(clerk) == []
    assert [(one.name, one.rows) for one in registry.open_loads(clerk, NOW)] == [("census", 40)]
    # cells of rows that lie there are not looked at a second time
    spoilt = [("S000", "店0", "no such kind", "")] * 40 + file()[40:]
    assert taken_in(clerk, spoilt) == COUNT
    assert believed(clerk) == file()
    assert registry.open_loads(clerk, NOW) == []


def test_another_file_another_day_and_another_person_are_refused_and_spoil_nothing(
    separate: Owner, clerk: Errand
) -> None:
    broken_off(clerk, file(), 8)
    other = holder(2, "shops.clerk", purpose="upkeep")
    elsewhere = holder(1, "shops.clerk", purpose="upkeep", agency="11290100MB00000022")
    with pytest.raises(registry.LoadFileDiffers):
        taken_in(clerk, file(), digest="e" * 64)
    with pytest.raises(registry.LoadDaysDiffer):
        taken_in(clerk, file(), since=date(2026, 1, 1))
    for stranger in (other, elsewhere):
        with pytest.raises(registry.LoadOfAnother):
            taken_in(stranger, file())
        with pytest.raises(registry.LoadOfAnother):
            registry.take_back_load(stranger, "census", "shops", "shop", NOW)
        assert registry.open_loads(stranger, NOW) == []
    for name in ("", "a b", "a/b", "x" * 81):
        with pytest.raises(registry.LoadNameWrong):
            taken_in(clerk, file(), name=name)
    assert taken_in(clerk, file()) == COUNT
    with pytest.raises(registry.LoadFileDiffers):  # a name that was used stays with its file
        taken_in(clerk, file(3), digest="e" * 64)
    with pytest.raises(registry.LoadUnknown):
        registry.take_back_load(clerk, "census", "shops", "shop", NOW)
    assert len(believed(clerk)) == COUNT


def test_a_load_that_another_process_takes_on_is_left_to_it(separate: Owner, clerk: Errand) -> None:
    broken_off(clerk, file(), 8)

    def other_goes_on(read: int) -> None:
        if read == 12:
            Load.objects.filter(name="census").update(rows=16)

    with pytest.raises(registry.LoadUnderWay):
        registry.load_in_steps(
            clerk,
            "census",
            DIGEST,
            "shops",
            "shop",
            HEADS,
            numbered(file()),
            lambda: NOW,
            watch=other_goes_on,
        )
    assert believed(clerk) == []
    assert len(left(separate)) == 4


def test_a_load_that_is_taken_back_leaves_nothing_and_its_name_is_free(
    separate: Owner, clerk: Errand
) -> None:
    broken_off(clerk, file(), 20)
    assert left(separate)
    registry.take_back_load(clerk, "census", "shops", "shop", NOW)
    assert left(separate) == []
    assert believed(clerk) == []
    with pytest.raises(registry.LoadUnknown):
        registry.take_back_load(clerk, "census", "shops", "shop", NOW)
    assert taken_in(clerk, file(3), digest="e" * 64) == 3


@pytest.mark.parametrize(
    ("row", "line", "field", "told"),
    [
        (("S900", "店", "no such kind", ""), 63, "kind", ""),
        (("S900", "", "shop", ""), 63, "name", "it is required"),
        (("S001", "店", "shop", ""), 63, "number", "the key stands in the file more than once"),
        (("S777", "店", "shop", ""), 63, "number", "there is a record with this key"),
    ],
)
def test_a_file_with_a_wrong_row_at_its_end_leaves_nothing(
    separate: Owner, clerk: Errand, row: tuple[str, ...], line: int, field: str, told: str
) -> None:
    values = {"number": "S777", "name": "店", "kind": "shop"}
    registry.create_record(clerk, "shops", "shop", values, NOW)
    broken_off(clerk, [*file(), row], 40)
    with pytest.raises(FileRefused) as refused:
        taken_in(clerk, [*file(), row])
    problems = [(one.line, one.field) for one in refused.value.problems]
    assert problems == [(line, field)]
    assert told in refused.value.problems[0].message_en
    assert left(separate) == []
    assert not Load.objects.exists()
    assert [one[0] for one in believed(clerk)] == ["S777"]


def test_a_system_that_was_applied_anew_takes_its_loads_back(
    separate: Owner, clerk: Errand, tmp_path: Path
) -> None:
    broken_off(clerk, file(), 20)
    more = shops.FIRST + "    - {id: more, type: text(9), title: 备注}\n"
    applied(shops.other(tmp_path / "b", more, "1.1.0", "bitemporal"), on=separate)
    assert left(separate) == []
    with pytest.raises(registry.LoadOutdated):
        taken_in(clerk, file())
    assert not Load.objects.exists()
    assert believed(clerk) == []
    assert taken_in(clerk, file()) == COUNT


def test_a_release_in_the_middle_of_a_step_takes_the_load_back(
    separate: Owner, clerk: Errand, tmp_path: Path
) -> None:
    def released(read: int) -> None:
        if read == 12:
            more = shops.FIRST + "    - {id: more, type: text(9), title: 备注}\n"
            applied(shops.other(tmp_path / "b", more, "1.1.0", "bitemporal"), on=separate)

    with pytest.raises(registry.LoadOutdated):
        registry.load_in_steps(
            clerk, "census", DIGEST, "shops", "shop", HEADS, numbered(file()), lambda: NOW, watch=released
        )
    assert left(separate) == []
    assert believed(clerk) == []


def test_values_that_a_closed_key_sealed_are_not_taken_in(separate: Owner, clerk: Errand) -> None:
    broken_off(clerk, file(), 20)
    sealing.begin_generation("registry", "operator", NOW)
    with pytest.raises(registry.LoadOutdated):
        taken_in(clerk, file())
    assert left(separate) == []
    assert taken_in(clerk, file()) == COUNT
    assert believed(clerk) == file()


def test_an_abandoned_load_is_taken_back_and_a_finished_one_forgotten(separate: Owner, clerk: Errand) -> None:
    assert taken_in(clerk, file(5), name="small") == 5
    broken_off(clerk, file(), 20)
    assert registry.forget_loads(NOW + stepwise.ABANDONED) == 0
    assert registry.forget_loads(NOW + stepwise.ABANDONED + timedelta(seconds=1)) == 1
    assert left(separate) == []
    assert registry.forget_loads(NOW + stepwise.REMEMBERED + timedelta(seconds=1)) == 1
    assert not Load.objects.exists()
    assert len(believed(clerk)) == 5


def test_functions_of_an_earlier_version_are_told(separate: Owner, clerk: Errand) -> None:
    separate.execute("DROP FUNCTION sys_shops.shop__keep(text, bigint)")
    with pytest.raises(registry.LoadUnprepared):
        taken_in(clerk, file())
    assert not Load.objects.exists()


@pytest.mark.django_db
def test_the_application_lays_rows_down_that_it_cannot_read_and_numbers_go_on() -> None:
    install(AID, [(CLERK.actor, "clerk")], NOW)
    rows = [(TOWN, f"张{at}", str(at)) for at in range(10)]
    heads = ("town", "head", "income")
    seen: list[str] = []

    def peek(read: int) -> None:
        if read == 8:
            made = Load.objects.get(name="aid").made
            for table in (made, f"{made}1"):
                with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                    connection.cursor().execute(f"SELECT count(*) FROM sys_aid_load.{table}")
            seen.append(made)

    made = registry.load_in_steps(
        CLERK, "aid", DIGEST, "aid", "family", heads, numbered(rows), lambda: NOW, watch=peek
    )
    assert seen
    assert made.rows == 10
    found = registry.records(CLERK, "aid", "family", Wanted({}), NOW).records
    assert sorted(str(one.values["number"]) for one in found) == [
        f"JZ2901022026{n:04d}" for n in range(1, 11)
    ]
    assert sorted(str(one.values["income"]) for one in found) == sorted(map(str, range(10)))


@pytest.mark.django_db
@pytest.mark.parametrize(("who", "town"), [(CLERK, OTHER_TOWN), (OUTSIDER, TOWN)])
def test_whoever_may_not_write_the_rows_is_refused_at_the_first_step(who: Errand, town: str) -> None:
    install(AID, [(CLERK.actor, "clerk")], NOW)
    read: list[int] = []
    rows = numbered([(town, f"张{at}") for at in range(40)])
    with pytest.raises(FileRefused) as refused:
        registry.load_in_steps(
            who, "aid", DIGEST, "aid", "family", ("town", "head"), rows, lambda: NOW, watch=read.append
        )
    assert [one.line for one in refused.value.problems] == [2, 3, 4, 5]
    assert read == []
    assert not Load.objects.exists()
