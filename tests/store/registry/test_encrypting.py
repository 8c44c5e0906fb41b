"""A field with data becomes encrypted: nothing is lost on the way, and no plain value stays behind."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from tests.store.registry import shops
from tests.store.registry.applied import NOW, OWNER, ROLES, applied, holder
from yiwang.blocks.registry import public as registry
from yiwang.blocks.registry.actions import enciphering, file_rows, stepwise
from yiwang.blocks.registry.public import (
    ChangeUnsupported,
    Errand,
    Owner,
    Release,
    Step,
    StepFailed,
    Wanted,
    apply_release,
    resume_application,
    undo_application,
)
from yiwang.blocks.registry.store.models import Apply
from yiwang.blocks.registry.store.shape import shape_of
from yiwang.bootstrap.systems.applying import checked
from yiwang.systems.loading import load_package
from yiwang.vocabulary.crypto import FileKeyProvider, use_key_provider

MARK = "机密电话"
PLAIN = "phone, type: text(20)"
SEALED = "phone, type: text(20), protect: encrypt, lookup: true, grade: 3"
FILES = """
SELECT c.oid::regclass::text, pg_relation_filepath(c.oid) FROM pg_class c
WHERE c.relkind IN ('r', 'i', 't', 'm', 'S') AND pg_relation_filepath(c.oid) IS NOT NULL AND pg_relation_size(c.oid) > 0
"""


@pytest.fixture(autouse=True)
def keys(tmp_path: Path) -> None:
    """Keys of this test alone."""
    use_key_provider(FileKeyProvider(tmp_path / "keys", create=True))


def entered(clerk: Errand, first: int, count: int, field: str = "phone") -> list[int]:
    return [
        registry.create_record(
            clerk, "shops", "shop",
            {"number": f"S{at}", "name": "店", "kind": "shop", "size": "1", "secret": f"账{at}", field: f"{MARK}{at}"},
            NOW,
        )
        for at in range(first, first + count)
    ]  # fmt: skip


def phones(clerk: Errand, field: str = "phone") -> list[object]:
    return [one.values[field] for one in registry.records(clerk, "shops", "shop", Wanted({}), NOW).records]


def released(
    folder: Path, made: Owner, watch: registry.Watch, phone: str = SEALED, history: str = "versions"
) -> None:
    fields = shops.FIRST.replace(PLAIN, phone)
    loaded = checked(load_package(shops.other(folder, fields, history=history)), {})
    release = Release(loaded=loaded, others={}, owner=OWNER, by="operator", confirmation="加密")
    apply_release(made, release, ROLES, NOW, watch)


def holding(made: Owner, mark: str) -> list[str]:
    """Every file of the database's relations that holds a text."""
    made.execute("CHECKPOINT")
    found = []
    for called, path in made.execute(FILES).fetchall():
        row = made.execute(
            "SELECT pg_read_binary_file(%s, 0, size, true) FROM pg_stat_file(%s, true) WHERE size > 0",
            [path, path],
        ).fetchone()
        if row is not None and row[0] is not None and mark.encode() in bytes(row[0]):
            found.append(str(called))
    return found


def logged_since(made: Owner, at: str) -> bytes:
    """The bytes of the write-ahead log from a place on."""
    row = made.execute(
        "SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn, %s::pg_lsn - '0/0'::pg_lsn,"
        " (SELECT setting::bigint FROM pg_settings WHERE name = 'wal_segment_size')",
        [at],
    ).fetchone()
    assert row is not None
    end, start, size = (int(one) for one in row)
    made.execute("SELECT pg_switch_wal()")
    text = b""
    for segment in range(start // size, (end - 1) // size + 1):
        low = start - segment * size if segment == start // size else 0
        high = end - segment * size if segment == (end - 1) // size else size
        read = made.execute(
            "SELECT pg_read_binary_file('pg_wal/' || pg_walfile_name('0/0'::pg_lsn + %s::numeric), %s, %s)",
            [segment * size + 1, low, high - low],
        ).fetchone()
        assert read is not None
        text += bytes(read[0])
    return text


def place_in_log(made: Owner) -> str:
    row = made.execute("SELECT pg_current_wal_insert_lsn()::text").fetchone()
    assert row is not None
    return str(row[0])


@pytest.mark.parametrize("kept", ["versions", "bitemporal", shops.PARTED])
def test_values_stay_readable_and_findable_and_no_plain_one_is_left_in_tables_or_log(
    separate: Owner, tmp_path: Path, kept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enciphering, "BATCH", 2)
    # an earlier release has kept plain values of the field under another name
    applied(
        shops.other(tmp_path / "a", shops.FIRST.replace(PLAIN, "tel, type: text(20)"), "1.0.0", kept),
        on=separate,
    )
    clerk = holder(1, "shops.clerk", purpose="upkeep")
    numbers = entered(clerk, 0, 5, "tel")
    registry.change_record(clerk, "shops", "shop", numbers[1], {"tel": f"{MARK}改"}, NOW)
    applied(
        shops.other(tmp_path / "b", shops.FIRST.replace(PLAIN, f"{PLAIN}, was: tel"), "2.0.0", kept),
        on=separate, confirmation="改名",
    )  # fmt: skip
    separate.execute("ANALYZE sys_shops.shop")
    assert holding(separate, MARK)

    def written(_position: int, step: Step, moment: str) -> None:
        # somebody enters and changes while the application works
        if moment == "done" and step.kind == "seal" and "__past" not in step.table:
            entered(clerk, 9, 1)
            registry.change_record(clerk, "shops", "shop", numbers[0], {"phone": f"{MARK}新"}, NOW)
            registry.change_record(clerk, "shops", "shop", numbers[2], {"name": "改"}, NOW)

    fields = shops.FIRST.replace(PLAIN, SEALED)
    loaded = checked(load_package(shops.other(tmp_path / "c", fields, "3.0.0", kept)), {})
    release = Release(loaded=loaded, others={}, owner=OWNER, by="operator", confirmation="加密")
    apply_release(separate, release, ROLES, NOW, written)
    assert holding(separate, MARK) == []
    after = place_in_log(separate)
    assert phones(clerk) == [f"{MARK}{one}" for one in ("新", "改", "2", "3", "4", "9")]
    found = registry.records(clerk, "shops", "shop", Wanted({"phone": f"{MARK}9"}), NOW).records
    assert [one.values["number"] for one in found] == ["S9"]
    past = registry.history(clerk, "shops", "shop", numbers[1], NOW)
    assert [one.values["phone"] for one in past] == [f"{MARK}改", f"{MARK}1"]
    entered(clerk, 20, 3)
    registry.change_record(clerk, "shops", "shop", numbers[3], {"phone": f"{MARK}再"}, NOW)
    separate.execute("VACUUM (FULL, ANALYZE) sys_shops.shop")
    assert MARK.encode() not in logged_since(separate, after)
    assert holding(separate, MARK) == []
    # nothing was altered behind the ledger's back: the next release goes through
    applied(
        shops.other(
            tmp_path / "d", fields + "    - {id: more, type: text(20), title: 备注}\n", "3.1.0", kept
        ),
        on=separate,
    )


def test_plain_values_of_a_load_that_is_under_way_go_with_the_release(
    separate: Owner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stepwise, "STEP", 2)
    monkeypatch.setattr(file_rows, "_BATCH", 1)
    applied(shops.first(tmp_path), on=separate)
    clerk = holder(1, "shops.clerk", purpose="upkeep")
    rows = [(at, (f"S{at}", "店", "shop", f"{MARK}{at}")) for at in range(6)]

    def ends(read: int) -> None:
        if read == 4:
            raise Killed

    with pytest.raises(Killed):
        registry.load_in_steps(
            clerk, "all", "d" * 64, "shops", "shop", ("number", "name", "kind", "phone"), iter(rows), lambda: NOW,
            watch=ends,
        )  # fmt: skip
    assert len(holding(separate, MARK)) == 2
    released(tmp_path, separate, lambda _position, _step, _moment: None)
    assert holding(separate, MARK) == []
    with pytest.raises(registry.LoadOutdated):
        registry.load_in_steps(
            clerk,
            "all",
            "d" * 64,
            "shops",
            "shop",
            ("number", "name", "kind", "phone"),
            iter(rows),
            lambda: NOW,
        )


class Killed(BaseException):
    """The process ends in the middle of a step."""


def killed_at(moment: int) -> registry.Watch:
    """Dies at one of the moments that are told of, counted from 0."""
    passed = iter(range(10_000))

    def watch(_position: int, _step: Step, _now: str) -> None:
        if next(passed) == moment:
            raise Killed

    return watch


def test_killed_at_any_step_it_is_taken_back_or_gone_on_with(
    separate: Owner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enciphering, "BATCH", 2)
    required = f"{PLAIN}, required: true"
    applied(shops.other(tmp_path / "a", shops.FIRST.replace(PLAIN, required), "1.0.0"), on=separate)
    clerk = holder(1, "shops.clerk", purpose="upkeep")
    numbers = entered(clerk, 0, 5)
    registry.change_record(clerk, "shops", "shop", numbers[1], {"phone": f"{MARK}改"}, NOW)
    now = [f"{MARK}{one}" for one in ("0", "改", "2", "3", "4")]
    before = shape_of(separate, "sys_shops")
    sealed = f"{SEALED}, required: true"
    undone = 0
    while True:
        with pytest.raises(Killed):
            released(tmp_path, separate, killed_at(undone), sealed)
        if Apply.objects.order_by("-id")[0].steps.filter(phase="switch", state="done").exists():
            break
        undo_application(separate, "shops")
        undone += 1
        assert shape_of(separate, "sys_shops") == before
        assert phones(clerk) == now
    assert undone > 20
    # from here on the release is in force: killed at each further moment, it goes on to the end
    resumed = 0
    while Apply.objects.order_by("-id")[0].state != "done":
        with suppress(Killed):
            resume_application(separate, "shops", killed_at(2))
        assert phones(clerk) == now
        resumed += 1
    assert resumed > 2
    assert holding(separate, MARK) == []
    assert phones(clerk) == now
    with pytest.raises(registry.RecordInvalid):
        registry.create_record(clerk, "shops", "shop", {"number": "S7", "name": "店", "kind": "shop"}, NOW)


def test_a_sealed_value_that_opens_to_something_else_takes_the_release_back(
    separate: Owner, tmp_path: Path
) -> None:
    applied(shops.first(tmp_path), on=separate)
    clerk = holder(1, "shops.clerk", purpose="upkeep")
    entered(clerk, 0, 3)
    before = shape_of(separate, "sys_shops")

    def spoilt(_position: int, step: Step, moment: str) -> None:
        if moment == "done" and step.kind == "seal" and "__past" not in step.table:
            separate.execute(
                "UPDATE sys_shops.shop t SET phone__next = o.phone__next FROM sys_shops.shop o"
                " WHERE t.number = 'S1' AND o.number = 'S2'"
            )

    with pytest.raises(StepFailed) as failed:
        released(tmp_path, separate, spoilt)
    assert "1" in str(failed.value.facts["reason"])
    assert shape_of(separate, "sys_shops") == before
    assert phones(clerk) == [f"{MARK}{at}" for at in range(3)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ("phone, type: text(20), protect: encrypt, grade: 3", PLAIN, "明文"),
        (PLAIN, "phone, type: phone, protect: encrypt, grade: 3", "改类型"),
    ],
)
def test_what_cannot_be_done_is_refused_in_words(tmp_path: Path, first: str, second: str, told: str) -> None:
    applied(shops.other(tmp_path, shops.FIRST.replace(PLAIN, first), "1.0.0"))
    with pytest.raises(ChangeUnsupported) as refused:
        applied(shops.other(tmp_path, shops.FIRST.replace(PLAIN, second), "2.0.0"), confirmation="确认")
    assert told in refused.value.text("zh")
