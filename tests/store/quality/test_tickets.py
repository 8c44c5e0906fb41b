"""A ticket opens with a finding, is mended, closes by itself, and comes back with a relapse."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from tests.store.exchange.cast import (
    AUDITOR,
    CHEN_CHEN,
    HE_QING,
    NOW,
    OUTSIDE,
    PROVIDER,
    WANG_MIN,
    ZHAO_JING,
    ZHOU_HANG,
)
from tests.store.quality.cast import watched
from tests.store.quality.conftest import Mend
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.public import SourceForm
from yiwang.blocks.identity.public import Actor, acting
from yiwang.blocks.quality import public as quality
from yiwang.blocks.quality.domain.errors import (
    QualityNotAllowed,
    TicketChanged,
    TicketStateWrong,
    TicketUnknown,
)

CHECK = "check_digit.信用代码"


def at(hours: float) -> datetime:
    return NOW + timedelta(hours=hours)


def ticket_of(code: str, rule: str = CHECK, who: Actor = HE_QING) -> quality.TicketView:
    rows = [
        row
        for tab in ("open", "exempt", "closed")
        for row in quality.tickets(who, NOW, tab=tab).rows
        if (row.resource, row.rule) == (code, rule)
    ]
    assert len(rows) == 1
    return quality.ticket(who, rows[0].id, NOW)


def names(view: quality.TicketView) -> list[str]:
    return [one.step for one in view.steps]


def test_a_finding_is_dispatched_to_the_provider_with_a_day(source: SourceForm, mend: Mend) -> None:
    code = watched(source)
    quality.run_rules(code, NOW)
    view = ticket_of(code)
    assert (view.row.state, view.row.agency) == ("dispatched", PROVIDER)
    assert names(view) == ["opened", "dispatched"]
    assert view.row.due is not None
    assert view.row.due.total == 10, "working days of correction 校核"
    assert (view.row.result.tested, view.row.result.failed) == (4, 1)
    assert {row.rule for row in quality.tickets(WANG_MIN, NOW).rows} == {CHECK, "in_list.性别"}, (
        "minor rules open none"
    )
    assert exchange.unread_count(WANG_MIN) >= 2


def test_mended_rows_close_it_and_a_relapse_opens_it_again(source: SourceForm, mend: Mend) -> None:
    code = watched(source)
    quality.run_rules(code, NOW)
    number = ticket_of(code).row.id
    quality.take_ticket(WANG_MIN, number, at(1))
    quality.report_mended(WANG_MIN, number, "已按执照更正", at(2))
    assert quality.ticket(WANG_MIN, number, at(2)).row.state == "review"
    quality.run_rules(code, at(3))
    still = quality.ticket(WANG_MIN, number, at(3))
    assert (still.row.state, names(still)[-1]) == ("mending", "still-failing")
    mend("UPDATE zl.qyxx SET xydm = '91440300708461136T' WHERE xydm = '914403001922038217'")
    quality.report_mended(WANG_MIN, number, "这次改对了", at(4))
    assert quality.run_due(lambda: at(5)) == 1, "the report has it run at once"
    closed = quality.ticket(WANG_MIN, number, at(5))
    assert (closed.row.state, names(closed)[-1], closed.row.due) == ("closed", "passed", None)
    mend("UPDATE zl.qyxx SET xydm = '914403007084611361' WHERE xydm = '91440300708461136T'")
    quality.run_rules(code, at(30))
    again = quality.ticket(WANG_MIN, number, at(30))
    assert (again.row.state, again.row.relapses, names(again)[-1]) == ("dispatched", 1, "relapsed")
    assert again.row.due is not None
    assert len(quality.tickets(HE_QING, at(30), tab="open").rows) == 2, "no second ticket"


def test_it_closes_from_any_state_when_the_rows_are_right(source: SourceForm, mend: Mend) -> None:
    code = watched(source)
    quality.run_rules(code, NOW)
    mend("DELETE FROM zl.qyxx WHERE xydm = '914403001922038217'")
    quality.run_rules(code, at(1))
    assert ticket_of(code).row.state == "closed"


def test_an_exemption_is_asked_for_granted_and_ends(source: SourceForm, mend: Mend) -> None:
    code = watched(source)
    quality.run_rules(code, NOW)
    number = ticket_of(code).row.id
    today = date(2026, 11, 20)
    for wrong in (today, today + timedelta(days=400)):
        with pytest.raises(quality.TicketInvalid):
            quality.ask_exemption(WANG_MIN, number, wrong, "历史数据", NOW)
    with pytest.raises(quality.TicketInvalid):
        quality.ask_exemption(WANG_MIN, number, today + timedelta(days=30), " ", NOW)
    with pytest.raises(TicketStateWrong):
        quality.grant_exemption(HE_QING, number, "", NOW)
    quality.ask_exemption(WANG_MIN, number, today + timedelta(days=30), "历史数据，年底迁移", NOW)
    assert quality.tickets(HE_QING, NOW, tab="asked").counts["asked"] == 1
    quality.decline_exemption(HE_QING, number, "可以现在改", at(1))
    quality.ask_exemption(WANG_MIN, number, today + timedelta(days=30), "系统下月停用", at(2))
    with pytest.raises(QualityNotAllowed):
        quality.grant_exemption(WANG_MIN, number, "", at(2))
    quality.grant_exemption(HE_QING, number, "同意", at(3))
    quality.run_rules(code, at(24))
    assert quality.ticket(WANG_MIN, number, at(24)).row.state == "exempt"
    quality.run_rules(code, NOW + timedelta(days=31))
    over = quality.ticket(WANG_MIN, number, NOW + timedelta(days=31))
    assert (over.row.state, names(over)[-1]) == ("dispatched", "exemption-over")


def test_what_another_unit_mends_waits_for_the_bureau_to_name_it(source: SourceForm, mend: Mend) -> None:
    code = watched(source)
    entries: list[object] = [{"rule": "in_list", "fields": ["性别"], "list": "sex", "to": "police"}]
    quality.keep_rules(WANG_MIN, code, entries, NOW)
    quality.run_rules(code, NOW)
    view = ticket_of(code, "in_list.性别")
    assert (view.row.state, view.row.agency) == ("new", "")
    with pytest.raises(TicketStateWrong):
        quality.decline_exemption(HE_QING, view.row.id, "x", NOW)
    with pytest.raises(quality.TicketInvalid):
        quality.dispatch_ticket(HE_QING, view.row.id, "no agency", "", NOW)
    with pytest.raises(QualityNotAllowed):
        quality.dispatch_ticket(WANG_MIN, view.row.id, OUTSIDE, "", NOW)


def test_a_rule_that_was_not_run_leaves_its_ticket_and_one_that_is_gone_closes_it(
    source: SourceForm, mend: Mend
) -> None:
    code = watched(source)
    quality.run_rules(code, NOW)
    mend("ALTER TABLE zl.qyxx RENAME COLUMN xb TO xb2")
    quality.run_rules(code, at(1))
    assert ticket_of(code, "in_list.性别").row.state == "dispatched"
    quality.keep_rules(WANG_MIN, code, [{"rule": "not_null", "fields": ["名称"]}], at(2))
    quality.run_rules(code, at(3))
    view = ticket_of(code, "in_list.性别")
    assert (view.row.state, names(view)[-1]) == ("closed", "dropped")


def test_a_passed_day_is_told_once_to_bureau_and_source(source: SourceForm, mend: Mend) -> None:
    code = watched(source)
    quality.run_rules(code, NOW)
    late = NOW + timedelta(days=30)
    assert quality.escalate_late(late) == 2
    assert quality.escalate_late(late) == 0
    assert quality.tickets(HE_QING, late, tab="late").total == 2
    assert names(ticket_of(code))[-1] == "overdue"
    assert exchange.unread_count(HE_QING) >= 2


def test_strangers_neither_see_nor_touch_a_ticket(source: SourceForm, mend: Mend) -> None:
    code = watched(source)
    quality.run_rules(code, NOW)
    number = ticket_of(code).row.id
    for stranger in (ZHAO_JING, ZHOU_HANG, CHEN_CHEN):
        assert quality.tickets(stranger, NOW).total == 0
        with pytest.raises(TicketUnknown):
            quality.ticket(stranger, number, NOW)
        with pytest.raises(TicketUnknown):
            quality.report_mended(stranger, number, "x", NOW)
    for watcher in (HE_QING, AUDITOR):
        assert quality.ticket(watcher, number, NOW).finding_sql == ""
        with pytest.raises(QualityNotAllowed):
            quality.take_ticket(watcher, number, NOW)
    quality.take_ticket(WANG_MIN, number, NOW, seen=2)
    with pytest.raises(TicketChanged):
        quality.report_mended(WANG_MIN, number, "x", NOW, seen=2)


def test_sql_under_the_application_role_sees_no_foreign_ticket_and_changes_no_story(
    source: SourceForm, mend: Mend
) -> None:
    code = watched(source)
    quality.run_rules(code, NOW)
    for table in ("quality_watched", "quality_run", "quality_ticket", "quality_step"):
        counted = []
        for who in (ZHAO_JING, WANG_MIN):
            with acting(who), connection.cursor() as cursor:
                cursor.execute(f"SELECT count(*) FROM {table}")
                counted.append(cursor.fetchone()[0])
        assert counted[0] == 0, table
        assert counted[1] > 0, table
    with (
        acting(WANG_MIN),
        connection.cursor() as cursor,
        pytest.raises(DatabaseError, match="only added"),
        transaction.atomic(),
    ):
        cursor.execute("UPDATE quality_step SET text = 'x'")


def test_the_provider_gets_the_statement_that_finds_its_rows(
    source: SourceForm, mend: Mend, external: object
) -> None:
    code = watched(source)
    quality.run_rules(code, NOW)
    statement = quality.ticket(WANG_MIN, ticket_of(code).row.id, NOW).finding_sql
    with exchange.looked_into(code, 5000) as opened:
        assert opened is not None
        assert opened[1].read(statement.replace("%", "%%")) == [("914403001922038217",)]
