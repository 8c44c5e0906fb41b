"""Changes from the source's log: one slot for all subscribers, every change in order, and what a lost slot costs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.store.exchange.cast import WANG_MIN, ZHOU_HANG
from tests.store.subscriptions.cast import Stage, granted
from yiwang.blocks.exchange.public import revoke_grant
from yiwang.blocks.subscriptions import public as subs
from yiwang.dataplane.transfer.capture.slot import Slot

pytestmark = pytest.mark.django_db(transaction=True)


def told(stage: Stage, number: str) -> list[tuple[object, object, object]]:
    return [
        (one["op"], one["key"]["编号"] if one.get("key") else None, one.get("values", {}).get("名称"))  # type: ignore[index, attr-defined]
        for one in stage.pull(number, 1000)
    ]


def slots(stage: Stage) -> int:
    found = stage.sql("SELECT slot_name FROM pg_replication_slots WHERE database = 'ext_market'")
    return len(found) if isinstance(found, list) else 0


def test_every_change_is_an_event_in_the_order_of_commits_from_one_slot(captured: Stage) -> None:
    stage = captured
    number = stage.subscribe()
    feed = subs.feed(WANG_MIN, stage.code)
    assert feed is not None
    assert (feed.way, feed.state) == ("log", "live")
    wider = stage.subscribe(
        grant=granted(stage.code, fields=("编号", "名称", "法人", "资本", "更新"), rows=()),
        client="minzheng-2",
    )
    assert slots(stage) == 1
    stage.sql(
        "BEGIN; UPDATE kb.qy SET mc = '一' WHERE bh = 'B000001'; UPDATE kb.qy SET mc = '二' WHERE bh = 'B000001'; COMMIT"
    )
    stage.sql("DELETE FROM kb.qy WHERE bh = 'B000001'")
    stage.sql(
        "INSERT INTO kb.qy SELECT 'B000001', '三', fr, qh, zczb, gxsj, bz FROM kb.qy WHERE bh = 'B000002'"
    )
    stage.sql("UPDATE kb.qy SET bh = 'B777777' WHERE bh = 'B000003'")
    stage.sql("UPDATE kb.qy SET bz = '没有授权的字段' WHERE bh = 'B000004'")
    stage.sql("BEGIN; DELETE FROM kb.qy; ROLLBACK")
    stage.turn()
    expected = [
        ("update", "B000001", "一"), ("update", "B000001", "二"), ("delete", "B000001", None), ("insert", "B000001", "三"),
        ("delete", "B000003", None), ("insert", "B777777", "企业%3"),
    ]  # fmt: skip
    assert told(stage, number) == expected
    assert told(stage, wider) == expected
    stage.turn()
    assert told(stage, number) == expected, "what was read is not read again"
    stage.ack(number)
    stage.sql("TRUNCATE kb.qy")
    stage.sql("INSERT INTO kb.qy (bh, mc) VALUES ('B1', '之后')")
    stage.turn()
    emptied = told(stage, number)
    assert len([one for one in emptied if one[0] == "delete"]) == 250
    assert emptied[-1] == ("insert", "B1", "之后")


def test_a_large_value_that_did_not_travel_is_there_all_the_same(captured: Stage) -> None:
    stage = captured
    stage.sql("ALTER TABLE kb.qy ALTER mc TYPE text; ALTER TABLE kb.qy ALTER mc SET STORAGE EXTERNAL")
    stage.sql("UPDATE kb.qy SET mc = repeat('长', 5000) WHERE bh = 'B000001'")
    number = stage.subscribe()
    stage.sql("UPDATE kb.qy SET zczb = 3 WHERE bh = 'B000001'")
    stage.turn()
    ((op, _, name),) = told(stage, number)
    assert (op, name) == ("update", "长" * 5000)


def test_a_cut_between_our_commit_and_the_slots_move_repeats_nothing(
    captured: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = captured
    number = stage.subscribe()
    stage.sql("UPDATE kb.qy SET mc = '一' WHERE bh = 'B000001'")
    with monkeypatch.context() as patched:

        def killed(*_: object) -> None:
            raise KeyboardInterrupt

        patched.setattr(Slot, "advance", killed)
        with pytest.raises(KeyboardInterrupt):
            stage.turn()
    stage.sql("UPDATE kb.qy SET mc = '二' WHERE bh = 'B000001'")
    stage.turn()
    assert told(stage, number) == [("update", "B000001", "一"), ("update", "B000001", "二")]


def test_a_cut_before_our_commit_loses_nothing(captured: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = captured
    number = stage.subscribe()
    stage.sql("UPDATE kb.qy SET mc = '一' WHERE bh = 'B000001'")
    with monkeypatch.context() as patched, half_read(patched):
        stage.turn()
    assert told(stage, number) == []
    stage.turn()
    assert told(stage, number) == [("update", "B000001", "一")]


@contextmanager
def half_read(patched: pytest.MonkeyPatch) -> Iterator[None]:
    """The process dies while it writes events."""
    from yiwang.blocks.subscriptions.store.events import Writer

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    patched.setattr(Writer, "changes", killed)
    with pytest.raises(KeyboardInterrupt):
        yield


def test_a_lost_slot_is_told_and_the_differences_follow(captured: Stage) -> None:
    stage = captured
    number = stage.subscribe()
    stage.sql(
        "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = 'ext_market'"
    )
    stage.sql("UPDATE kb.qy SET mc = '一' WHERE bh = 'B000001'")
    stage.sql("UPDATE kb.qy SET mc = '二' WHERE bh = 'B000001'")
    stage.sql("DELETE FROM kb.qy WHERE bh = 'B000002'")
    stage.turn()
    assert told(stage, number) == [
        ("resync", None, None),
        ("update", "B000001", "二"),
        ("delete", "B000002", None),
    ]
    assert stage.pull(number)[0]["reason"] == "slot-lost"
    stage.sql("UPDATE kb.qy SET mc = '三' WHERE bh = 'B000001'")
    stage.turn()
    assert told(stage, number)[-1] == ("update", "B000001", "三")


def test_a_table_that_was_made_anew_is_compared(captured: Stage) -> None:
    stage = captured
    number = stage.subscribe()
    stage.sql(
        "CREATE TABLE kb.neu (LIKE kb.qy INCLUDING ALL); INSERT INTO kb.neu SELECT * FROM kb.qy WHERE bh <> 'B000001'"
    )
    stage.sql("DROP TABLE kb.qy; ALTER TABLE kb.neu RENAME TO qy; ALTER TABLE kb.qy OWNER TO ext_logged")
    stage.turn()
    assert told(stage, number) == [("resync", None, None), ("delete", "B000001", None)]


def test_nobody_left_takes_the_slot_and_the_publication_away(captured: Stage) -> None:
    stage = captured
    number = stage.subscribe()
    other = stage.subscribe(client="minzheng-2")
    subs.end_subscription(ZHOU_HANG, number, stage.clock())
    stage.turn()
    assert slots(stage) == 1
    revoke_grant(WANG_MIN, stage.grant, "不再需要", stage.clock())
    stage.turn()
    assert slots(stage) == 0
    assert stage.sql("SELECT 1 FROM pg_publication") == []
    del other


def test_a_source_that_would_keep_its_log_without_bound_is_compared_instead(captured: Stage) -> None:
    stage = captured
    stage.sql("ALTER SYSTEM SET max_slot_wal_keep_size = -1")
    stage.sql("SELECT pg_reload_conf()")
    number = stage.subscribe()
    feed = subs.feed(WANG_MIN, stage.code)
    assert feed is not None
    assert (feed.way, feed.why is not None and feed.why.code) == ("compare", "changes-wal-unbounded")
    assert slots(stage) == 0, "nothing is left at the source"
    stage.sql("UPDATE kb.qy SET mc = '一' WHERE bh = 'B000001'")
    stage.sql("ALTER SYSTEM SET max_slot_wal_keep_size = '512MB'")
    stage.sql("SELECT pg_reload_conf()")
    stage.turn()
    feed = subs.feed(WANG_MIN, stage.code)
    assert feed is not None
    assert feed.way == "log", "it is asked again by itself"
    assert told(stage, number) == [("update", "B000001", "一")]


def test_a_read_only_user_is_enough_once_the_owner_has_published_the_table(captured: Stage) -> None:
    stage = captured
    stage.sql("ALTER TABLE kb.qy OWNER TO CURRENT_USER; GRANT SELECT ON kb.qy TO ext_logged")
    stage.sql("UPDATE kb.qy SET mc = '零' WHERE bh = 'B000009'")
    number = stage.subscribe()
    feed = subs.feed(WANG_MIN, stage.code)
    assert feed is not None
    assert feed.why is not None
    assert (feed.way, feed.why.code) == ("compare", "transfer-capture-publication-missing")
    assert slots(stage) == 0
    stage.sql(str(feed.why.facts["statement"]))  # as its provider is told
    stage.sql("UPDATE kb.qy SET mc = '一' WHERE bh = 'B000001'")
    stage.turn()
    feed = subs.feed(WANG_MIN, stage.code)
    assert feed is not None
    assert feed.way == "log"
    stage.sql("UPDATE kb.qy SET mc = '二' WHERE bh = 'B000001'")
    stage.sql("UPDATE kb.qy SET mc = '三' WHERE bh = 'B000001'")
    stage.turn()
    assert [name for _, _, name in told(stage, number)] == ["一", "二", "三"]
