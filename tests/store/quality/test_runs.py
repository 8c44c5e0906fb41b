"""Rules of a mounted resource: proposed, run at its source, scored, edited, exchanged as a contract."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tests.store.exchange.cast import (
    AUDITOR,
    CHEN_CHEN,
    HE_QING,
    NOW,
    OPERATOR,
    WANG_MIN,
    ZHAO_JING,
    ZHOU_HANG,
)
from tests.store.quality.cast import watched
from tests.store.quality.conftest import Mend
from yiwang.blocks.catalogue import public as catalogue
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.public import SourceForm
from yiwang.blocks.identity.public import acting
from yiwang.blocks.quality import public as quality
from yiwang.blocks.quality.domain.errors import QualityNotAllowed, RulesChanged, RunTooSoon, WatchUnknown

LATER = NOW + timedelta(hours=1)


def found(code: str) -> dict[str, quality.RuleResult]:
    return {one.id: one for one in quality.resource_quality(WANG_MIN, code, NOW).results}


def test_rules_follow_from_the_entry_and_are_counted_in_the_source(source: SourceForm, mend: Mend) -> None:
    code = watched(source)
    quality.run_rules(code, NOW)
    rules = found(code)
    assert (rules["unique.信用代码"].tested, rules["unique.信用代码"].failed) == (4, 0)
    assert (rules["check_digit.信用代码"].tested, rules["check_digit.信用代码"].failed) == (4, 1)
    assert rules["check_digit.信用代码"].severity == "blocking"
    assert (rules["not_null.名称"].failed, rules["not_null.名称"].severity) == (1, "minor")
    assert (rules["in_list.性别"].tested, rules["in_list.性别"].failed) == (4, 1)
    assert rules["not_future.成立"].failed == 1
    assert (rules["recent.更新"].tested, rules["recent.更新"].failed) == (1, 0)
    view = quality.resource_quality(WANG_MIN, code, NOW)
    assert view.standing.rows == 4
    assert view.standing.level == 2, "a blocking rule is broken"
    assert view.standing.coverage == 1
    assert set(view.dimensions) == {"规范性", "完整性", "准确性", "时效性", "可访问性"}


def test_no_value_is_kept_but_the_same_row_has_the_same_mark(source: SourceForm, mend: Mend) -> None:
    code = watched(source)
    quality.run_rules(code, NOW)
    first = found(code)["check_digit.信用代码"].marks
    quality.run_rules(code, LATER)
    assert len(first) == 1
    assert found(code)["check_digit.信用代码"].marks == first
    with acting(exchange.SYSTEM):
        from yiwang.blocks.quality.store import models

        kept = json.dumps(
            [list(models.Run.objects.values("results")), list(models.Ticket.objects.values("finding"))]
        )
    assert "914403001922038217" not in kept


def test_times_without_zone_are_those_of_the_node(source: SourceForm, mend: Mend) -> None:
    code = watched(source)
    mend("UPDATE zl.qyxx SET gxsj = '2026-11-17 09:30'")  # 01:30 UTC, three days less half an hour before NOW
    quality.run_rules(code, NOW)
    assert found(code)["recent.更新"].failed == 0
    mend("UPDATE zl.qyxx SET gxsj = '2026-11-17 08:30'")
    quality.run_rules(code, LATER)
    assert found(code)["recent.更新"].failed == 1


def test_a_rule_that_the_source_cannot_evaluate_stops_no_other(source: SourceForm, mend: Mend) -> None:
    code = watched(source)
    entries: list[object] = [
        {"rule": "not_null", "fields": ["名称"]},
        {"rule": "refers", "fields": ["性别"], "target": "zl.no_such_table", "keys": ["dm"]},
        {"rule": "range", "field": "名称", "min": 1},
    ]
    quality.keep_rules(WANG_MIN, code, entries, NOW)
    quality.run_rules(code, LATER)
    rules = found(code)
    assert (rules["not_null.名称"].tested, rules["not_null.名称"].failed) == (4, 1)
    assert rules["refers.性别"].reason == "engine"
    assert rules["range.名称"].reason == "type"


def test_a_column_that_is_gone_leaves_its_rules_out_by_name(source: SourceForm, mend: Mend) -> None:
    code = watched(source)
    mend("ALTER TABLE zl.qyxx DROP COLUMN xb")
    quality.run_rules(code, NOW)
    assert found(code)["in_list.性别"].reason == "unmapped"
    assert found(code)["check_digit.信用代码"].tested == 4


def test_a_source_that_does_not_answer_is_a_run_without_counts_and_costs_accessibility(
    source: SourceForm, mend: Mend
) -> None:
    code = watched(source)
    quality.run_rules(code, NOW)
    before = quality.badges({code})[code]
    mend("ALTER TABLE zl.qyxx RENAME TO away")
    quality.run_rules(code, LATER)
    view = quality.resource_quality(WANG_MIN, code, LATER)
    assert view.runs[0].problem == "connector-relation-missing"
    assert view.standing.score == before.score, "the last measured score stands"
    mend("ALTER TABLE zl.away RENAME TO qyxx")
    quality.run_rules(code, LATER + timedelta(hours=1))
    assert quality.badges({code})[code].dimensions["可访问性"] == pytest.approx(2 / 3)


def test_the_search_narrows_by_level_as_soon_as_it_is_measured(source: SourceForm, mend: Mend) -> None:
    code = watched(source)
    facets = catalogue.find(ZHOU_HANG, "质量").facets["quality"]
    assert [(one.value, one.count) for one in facets] == [("none", 1)]
    quality.run_rules(code, NOW)
    assert [row.code for row in catalogue.find(ZHOU_HANG, "质量", {"quality": "2"}).rows] == [code]
    mend("DELETE FROM zl.qyxx WHERE xydm = '914403001922038217' OR xb = '7'")
    quality.run_rules(code, LATER)
    assert catalogue.find(ZHOU_HANG, "质量", {"quality": "2"}).total == 0
    assert [row.code for row in catalogue.find(ZHOU_HANG, "质量", {"quality": "5"}).rows] == [code]
    assert quality.badges({code})[code].score == 100


def test_the_clock_watches_what_is_mounted_and_lets_go_of_what_is_not(source: SourceForm, mend: Mend) -> None:
    code = watched(source)
    assert quality.run_due(lambda: NOW) == 1
    assert quality.run_due(lambda: NOW) == 0, "the next run is at night"
    night = quality.resource_quality(WANG_MIN, code, NOW).next_at
    assert night is not None
    assert timedelta(hours=12) < night - NOW < timedelta(hours=24)
    mount = next(row.id for row in exchange.mounts(WANG_MIN) if row.resource == code)
    exchange.unmount_resource(WANG_MIN, mount, "系统停用", LATER)
    quality.run_due(lambda: LATER)
    assert quality.badges({code}) == {}
    assert catalogue.find(ZHOU_HANG, "质量", {"quality": "none"}).total == 1
    assert {one.state for one in quality.tickets(WANG_MIN, LATER, tab="closed").rows} == {"closed"}


def test_people_ask_for_a_run_but_not_again_and_again(source: SourceForm, mend: Mend) -> None:
    code = watched(source)
    quality.run_rules(code, NOW)
    with pytest.raises(RunTooSoon):
        quality.ask_run(WANG_MIN, code, NOW + timedelta(minutes=2))
    quality.ask_run(WANG_MIN, code, NOW + timedelta(minutes=6))
    assert quality.run_due(lambda: NOW + timedelta(minutes=7)) == 1


def test_rules_are_edited_by_the_provider_alone(source: SourceForm, mend: Mend) -> None:
    code = watched(source)
    entries: list[object] = [{"rule": "not_null", "fields": ["名称"], "severity": "blocking"}]
    for stranger in (ZHAO_JING, ZHOU_HANG, CHEN_CHEN):
        with pytest.raises(WatchUnknown):
            quality.keep_rules(stranger, code, entries, NOW)
        with pytest.raises(WatchUnknown):
            quality.resource_quality(stranger, code, NOW)
        with pytest.raises(WatchUnknown):
            quality.contract_of(stranger, code)
    for watcher in (HE_QING, AUDITOR, OPERATOR):
        assert not quality.resource_quality(watcher, code, NOW).may_edit
        with pytest.raises(QualityNotAllowed):
            quality.keep_rules(watcher, code, entries, NOW)
        with pytest.raises(QualityNotAllowed):
            quality.ask_run(watcher, code, NOW)
    quality.keep_rules(WANG_MIN, code, entries, NOW, seen=0)
    with pytest.raises(RulesChanged):
        quality.keep_rules(WANG_MIN, code, entries, NOW, seen=0)
    assert quality.watched(ZHAO_JING).rows == ()


def test_wrong_rules_are_refused_with_their_place(source: SourceForm, mend: Mend) -> None:
    code = watched(source)
    entries: list[object] = [
        {"rule": "not_null", "fields": ["没有"]},
        {"rule": "expr", "id": "x", "expr": "row.资本 >"},
        {"rule": "in_list", "fields": ["性别"], "list": "no-such-list"},
        {"rule": "nonsense"},
    ]
    with pytest.raises(quality.RulesInvalid) as refused:
        quality.keep_rules(WANG_MIN, code, entries, NOW, timeout_s=1)
    assert [one.where for one in refused.value.problems] == [
        "rules.0", "rules.1", "rules.2", "rules.3", "timeout_s",
    ]  # fmt: skip


def test_rules_leave_as_a_contract_and_come_back_the_same(source: SourceForm, mend: Mend) -> None:
    code = watched(source)
    contract = quality.contract_of(WANG_MIN, code)
    before = quality.resource_quality(WANG_MIN, code, NOW).entries
    left = quality.take_contract(WANG_MIN, code, json.dumps(contract, ensure_ascii=False).encode(), NOW)
    after = quality.resource_quality(WANG_MIN, code, NOW)
    assert left == ()
    assert after.origin == "contract"
    key = repr
    assert sorted(after.entries, key=key) == sorted(before, key=key)
    quality.propose_anew(WANG_MIN, code, NOW)
    assert quality.resource_quality(WANG_MIN, code, NOW).origin == "proposed"


def test_a_contract_of_others_names_columns_and_what_is_not_run(source: SourceForm, mend: Mend) -> None:
    code = watched(source)
    text = (
        "kind: DataContract\nschema:\n- name: qyxx\n  properties:\n  - {name: mc, required: true}\n"
        "  quality:\n  - {id: by_hand, type: text, description: look at it}\n"
    )
    assert quality.take_contract(WANG_MIN, code, text.encode(), NOW) == ("by_hand",)
    entries = quality.resource_quality(WANG_MIN, code, NOW).entries
    assert [(one.rule, one.fields) for one in entries] == [("not_null", ["名称"])]
    for broken in (b"kind: Other", b"- 1", b"\xff\xfe", b"a: &x [*x]"):
        with pytest.raises(quality.ContractUnreadable):
            quality.take_contract(WANG_MIN, code, broken, NOW)


def test_a_run_that_breaks_off_is_told_as_one_and_can_be_tried_again(
    source: SourceForm, mend: Mend, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = watched(source)

    def broken(*_: object) -> None:
        raise RuntimeError("the worker was killed")

    with monkeypatch.context() as patched:
        patched.setattr("yiwang.blocks.quality.actions.running._judged", broken)
        with pytest.raises(RuntimeError):
            quality.run_rules(code, NOW)
    view = quality.resource_quality(WANG_MIN, code, NOW)
    assert (view.runs[0].problem, view.running, view.standing.score) == ("unexpected", False, None)
    assert quality.tickets(HE_QING, NOW).total == 0
    assert quality.run_rules(code, LATER) is not None
    assert quality.badges({code})[code].level == 2


def test_a_worker_that_was_lost_blocks_no_later_run(source: SourceForm, mend: Mend) -> None:
    code = watched(source)
    with acting(exchange.SYSTEM):
        from yiwang.blocks.quality.store import models

        models.Watched.objects.filter(pk=code).update(running_since=NOW)
    assert quality.run_rules(code, NOW + timedelta(minutes=1)) is None, "one at a time"
    assert quality.run_rules(code, NOW + timedelta(minutes=16)) is not None
