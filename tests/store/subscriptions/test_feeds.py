"""A resource is followed: what changes at its source becomes events, narrowed to each subscriber's grant."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.store.exchange.cast import CHEN_CHEN, NOW, WANG_MIN, ZHAO_JING, ZHOU_HANG
from tests.store.subscriptions.cast import CLIENT, PURPOSE, Stage, granted
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.public import SYSTEM, Delivery
from yiwang.blocks.identity.public import IdentityError, acting
from yiwang.blocks.subscriptions import public as subs
from yiwang.blocks.subscriptions.domain import errors
from yiwang.blocks.subscriptions.store.models import Event, Feed, Row, Subscription


def ops(events: list[dict[str, object]]) -> list[tuple[object, object]]:
    return [(one["op"], one["key"]["编号"] if one.get("key") else None) for one in events]  # type: ignore[index]


def test_changes_of_granted_rows_and_fields_become_events_and_nothing_else_does(stage: Stage) -> None:
    number = stage.subscribe()
    assert stage.pull(number) == [], "what was there before is no change"
    stage.sql("UPDATE kb.qy SET mc = '新名', zczb = 9.50 WHERE bh = 'B000001'")
    stage.sql("UPDATE kb.qy SET bz = '别的备注' WHERE bh = 'B000002'")  # not granted
    stage.sql("UPDATE kb.qy SET mc = '外区' WHERE bh = 'B000005'")  # another region
    stage.sql("UPDATE kb.qy SET fr = '王大红' WHERE bh = 'B000003'")  # looks the same under its mask
    stage.sql("DELETE FROM kb.qy WHERE bh = 'B000004'")
    stage.sql("INSERT INTO kb.qy VALUES ('B900000', '来了', '李四', '290103', 1, '2026-11-20 08:00', '内部')")
    stage.turn()
    events = stage.pull(number)
    assert ops(events) == [("update", "B000001"), ("delete", "B000004"), ("insert", "B900000")]
    assert events[0]["values"] == {
        "编号": "B000001", "名称": "新名", "法人": "王**", "资本": "9.50", "更新": "2026-11-01T01:00:00"
    }  # fmt: skip
    assert "values" not in events[1], "what is gone is named by its key alone"
    assert "密级" not in str(events[2])
    assert "区划" not in str(events[2])
    with acting(SYSTEM):
        held = Row.objects.filter(feed=stage.code).first()
    assert held is not None
    assert "密级" not in held.values, "what no subscriber may see is not kept either"


def test_a_row_that_leaves_the_granted_rows_is_a_delete_and_one_that_comes_an_insert(stage: Stage) -> None:
    number = stage.subscribe()
    stage.sql("UPDATE kb.qy SET qh = '110101' WHERE bh = 'B000001'")
    stage.sql("UPDATE kb.qy SET qh = '290102' WHERE bh = 'B000005'")
    stage.turn()
    assert ops(stage.pull(number)) == [("delete", "B000001"), ("insert", "B000005")]


def test_two_subscribers_share_one_feed_and_each_sees_its_own(stage: Stage) -> None:
    everything = granted(stage.code, rows=(), fields=("编号", "区划"))
    mine, theirs = stage.subscribe(), stage.subscribe(grant=everything, client="minzheng-2")
    assert subs.subscribe(ZHOU_HANG, stage.grant, CLIENT, PURPOSE, NOW) == mine, (
        "asking again makes no second one"
    )
    stage.sql("UPDATE kb.qy SET qh = '110102' WHERE bh = 'B000005'")
    stage.turn()
    with acting(SYSTEM):
        assert Feed.objects.count() == 1
    assert stage.pull(mine) == []
    assert ops(stage.pull(theirs)) == [("update", "B000005")]
    stage.turn()
    assert len(stage.pull(theirs)) == 1, "a look that finds nothing tells nothing"


def test_a_new_subscriber_who_sees_more_floods_nobody(stage: Stage) -> None:
    mine = stage.subscribe()
    wider = stage.subscribe(grant=granted(stage.code, fields=("编号", "密级"), rows=()), client="minzheng-2")
    assert [one["op"] for one in stage.pull(mine)] == ["resync"]
    assert ops(stage.pull(wider)) == [("resync", None)]
    stage.sql("UPDATE kb.qy SET bz = '改了' WHERE bh = 'B000001'")
    stage.turn()
    assert ops(stage.pull(wider))[1:] == [("update", "B000001")]
    assert len(stage.pull(mine)) == 1


def test_a_source_that_cannot_be_captured_says_why_to_its_provider(stage: Stage) -> None:
    stage.subscribe()
    seen = subs.feed(WANG_MIN, stage.code)
    assert seen is not None
    assert (seen.way, seen.why is not None) == ("compare", True)
    assert subs.feed(ZHAO_JING, stage.code) is None


def test_by_a_cursor_only_what_has_grown_is_read_and_deletions_are_not_found(stage: Stage) -> None:
    number = stage.subscribe()
    subs.choose_way(WANG_MIN, stage.code, "cursor", "更新", NOW)
    stage.turn()
    stage.ack(number)
    stage.sql("UPDATE kb.qy SET mc = '没有动时间' WHERE bh = 'B000001'")
    stage.sql("DELETE FROM kb.qy WHERE bh = 'B000002'")
    stage.sql("UPDATE kb.qy SET mc = '动了', gxsj = '2026-12-30' WHERE bh = 'B000003'")
    stage.turn()
    assert ops(stage.pull(number)) == [("update", "B000003")]
    subs.choose_way(WANG_MIN, stage.code, "compare", "", NOW)
    stage.turn()
    assert ops(stage.pull(number))[1:] == [("update", "B000001"), ("delete", "B000002")]
    with pytest.raises(errors.BadAsk):
        subs.choose_way(WANG_MIN, stage.code, "cursor", "没有的字段", NOW)
    with pytest.raises(IdentityError):
        subs.choose_way(ZHOU_HANG, stage.code, "compare", "", NOW)


def test_a_repeated_key_stops_the_feed_in_words_and_loses_nothing(stage: Stage) -> None:
    number = stage.subscribe()
    stage.sql("ALTER TABLE kb.qy DROP CONSTRAINT qy_pkey")
    stage.sql("INSERT INTO kb.qy SELECT * FROM kb.qy WHERE bh = 'B000001'")
    stage.turn()
    feed = subs.feed(WANG_MIN, stage.code)
    assert feed is not None
    assert feed.error is not None
    assert feed.error.code == "changes-key-repeated"
    stage.sql("DELETE FROM kb.qy WHERE ctid = (SELECT max(ctid) FROM kb.qy WHERE bh = 'B000001')")
    stage.sql("UPDATE kb.qy SET mc = '好了' WHERE bh = 'B000001'")
    stage.turn()
    assert ops(stage.pull(number)) == [("update", "B000001")]


def test_a_table_that_is_gone_for_a_while_is_waited_for(stage: Stage) -> None:
    number = stage.subscribe()
    stage.sql("ALTER TABLE kb.qy RENAME TO weg")
    stage.turn()
    assert stage.feed().error_code == "changes-table-gone"
    stage.sql("ALTER TABLE kb.weg RENAME TO qy")
    stage.sql("UPDATE kb.qy SET mc = '回来' WHERE bh = 'B000001'")
    stage.turn()
    assert ops(stage.pull(number)) == [("update", "B000001")]
    assert stage.feed().error_code == ""


def test_a_revoked_grant_ends_the_subscription_and_the_feed_forgets_everything(stage: Stage) -> None:
    number = stage.subscribe()
    stage.sql("UPDATE kb.qy SET mc = 'x' WHERE bh = 'B000001'")
    stage.turn()
    exchange.revoke_grant(WANG_MIN, stage.grant, "不再需要", stage.clock())
    assert subs.tick(stage.clock()).ended == 1
    stage.turn()
    assert subs.subscription(ZHOU_HANG, number).state == "ended"
    with acting(SYSTEM):
        assert not Event.objects.exists()
        assert not Row.objects.exists()
    assert "subscription-ended" in [one.kind for one in exchange.notices(ZHOU_HANG).rows]


def test_a_subscriber_who_is_down_for_a_week_loses_nothing(stage: Stage) -> None:
    number = stage.subscribe()
    for day in range(10):
        stage.sql(f"UPDATE kb.qy SET mc = '第{day}天' WHERE bh = 'B000001'")
        stage.turn()
        stage.clock.on(days=1)
        subs.tick(stage.clock())
    assert [one["values"]["名称"] for one in stage.pull(number)] == [f"第{day}天" for day in range(10)]  # type: ignore[index]
    stage.ack(number)
    subs.tick(stage.clock())
    with acting(SYSTEM):
        left = Event.objects.order_by("position").first()
    assert left is not None
    assert left.recorded_at >= stage.clock() - timedelta(days=7), "acknowledged events stay their days"


def test_one_who_never_acknowledges_is_paused_and_told_and_loses_nothing_silently(stage: Stage) -> None:
    number = stage.subscribe()
    stage.sql("UPDATE kb.qy SET mc = '一' WHERE bh = 'B000001'")
    stage.turn()
    stage.clock.on(days=29)
    assert subs.tick(stage.clock()) == subs.Kept()
    stage.clock.on(days=2)
    assert subs.tick(stage.clock()).paused == 1
    assert "subscription-paused" in [one.kind for one in exchange.notices(ZHOU_HANG).rows]
    subs.tick(stage.clock())
    with acting(SYSTEM):
        assert not Event.objects.exists(), "nobody is waited for now"
    view = subs.subscription(ZHOU_HANG, number)
    assert (view.state, view.reason) == ("paused", "unacknowledged")
    subs.resume(ZHOU_HANG, number, stage.clock())
    assert [(one["op"], one["reason"]) for one in stage.pull(number)] == [("resync", "retention")]


def test_a_replay_gives_out_again_what_was_acknowledged(stage: Stage) -> None:
    number = stage.subscribe()
    for name in ("一", "二"):
        stage.sql(f"UPDATE kb.qy SET mc = '{name}' WHERE bh = 'B000001'")
        stage.turn()
        middle = stage.clock()
    stage.ack(number)
    assert subs.replay(ZHOU_HANG, number, middle, stage.clock()) == 1
    assert [one["values"]["名称"] for one in stage.pull(number)] == ["二"]  # type: ignore[index]
    stage.ack(number)
    subs.replay(ZHOU_HANG, number, NOW, stage.clock())
    assert len({str(one["id"]) for one in stage.pull(number)}) == 2
    stage.ack(number)
    stage.clock.on(days=20)
    subs.tick(stage.clock())
    with pytest.raises(errors.EventsGone):
        subs.replay(ZHOU_HANG, number, NOW, stage.clock())


def test_others_neither_see_nor_change_a_subscription(stage: Stage) -> None:
    number = stage.subscribe()
    for stranger in (ZHAO_JING, CHEN_CHEN):
        assert subs.subscriptions(stranger) == ()
        for step in (subs.pause, subs.end_subscription):
            with pytest.raises(errors.SubscriptionUnknown):
                step(stranger, number, NOW)
    with pytest.raises(errors.SubscriptionUnknown):
        subs.pause(WANG_MIN, number, NOW)
    (seen,) = subs.subscriptions(WANG_MIN, side="provider")
    assert (seen.id, seen.mine, seen.hook) == (number, False, None)
    with acting(ZHAO_JING):
        assert not Subscription.objects.exists(), "the database says the same"
    with acting(ZHOU_HANG):
        assert not Event.objects.exists()


def test_a_grant_that_does_not_say_so_lets_nothing_be_followed(stage: Stage) -> None:
    for changes in ({"delivery": Delivery(("full", "diff"), "daily")}, {"fields": ("名称",)}):
        try:
            grant = granted(stage.code, **changes)
        except exchange.FormInvalid:
            assert "fields" in changes, "asking for a table without its key is refused before"
            continue
        with pytest.raises(errors.GrantUnfit):
            subs.subscribe(ZHOU_HANG, grant, CLIENT, PURPOSE, NOW)
    with pytest.raises(errors.GrantUnfit):
        subs.subscribe(ZHOU_HANG, stage.grant, CLIENT, "item:9999", NOW)
    with pytest.raises(errors.ClientUnfit):
        subs.subscribe(ZHOU_HANG, stage.grant, "somebody-elses", PURPOSE, NOW)
    with pytest.raises(exchange.GrantUnknown):
        subs.subscribe(ZHAO_JING, stage.grant, CLIENT, PURPOSE, NOW)
