"""What the clock does: expiry, reminders, escalation, and nothing twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.store.exchange.cast import (
    HE_QING,
    NOW,
    WANG_MIN,
    ZHOU_HANG,
    deciding,
    draft,
    granted,
    mounted,
    published,
    submitted,
)
from yiwang.blocks.catalogue import public as catalogue
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.public import Approval, SourceForm, TickReport
from yiwang.blocks.exchange.store.models import CompiledGrantRow, CompiledResourceRow, Mount, Notice

pytestmark = pytest.mark.django_db
NOTHING = TickReport(0, 0, 0, 0, 0)


@pytest.fixture
def code(source: SourceForm) -> str:
    return mounted(source)


def test_nothing_due_is_nothing_done(code: str) -> None:
    granted(code)
    submitted(code)
    assert exchange.tick(NOW) == NOTHING


def test_a_grant_is_announced_before_it_ends_and_expired_when_it_does(code: str) -> None:
    grant_id = granted(code, days=40)
    near = NOW + timedelta(days=15)
    assert exchange.tick(near).expiring == 1
    assert exchange.tick(near) == NOTHING
    end = NOW + timedelta(days=40)
    assert exchange.tick(end - timedelta(seconds=1)).expired == 0
    assert exchange.tick(end).expired == 1
    assert exchange.tick(end) == NOTHING
    assert CompiledGrantRow.objects.get(pk=grant_id).state == "expired"
    view = exchange.grant(ZHOU_HANG, grant_id, end)
    assert view.state == "expired"
    assert view.over
    assert view.allowed == {"renew"}


def test_a_suspended_grant_expires_too(code: str) -> None:
    grant_id = granted(code, days=1)
    exchange.suspend_grant(WANG_MIN, grant_id, "检修", NOW)
    assert exchange.tick(NOW + timedelta(days=1)).expired == 1


def test_silence_is_reminded_of_escalated_and_still_not_assent(code: str) -> None:
    number = deciding(code)  # due on Friday 4 December
    assert exchange.tick(NOW + timedelta(days=10)).due_soon == 0
    assert exchange.tick(NOW + timedelta(days=12)).due_soon == 1
    assert exchange.tick(NOW + timedelta(days=12)) == NOTHING
    late = NOW + timedelta(days=16)
    assert exchange.tick(late).escalated == 1
    assert exchange.tick(late) == NOTHING
    view = exchange.request(WANG_MIN, number, late)
    assert view.state == "deciding"
    assert view.due is not None
    assert (view.due.escalated, view.due.remaining) == (True, -1)
    assert {n.agency for n in Notice.objects.filter(kind="request-overdue")} == {
        "",
        WANG_MIN.agency,
        ZHOU_HANG.agency,
    }
    assert exchange.home(HE_QING, late).overdue == 0
    assert exchange.home(WANG_MIN, late).overdue == 1
    assert exchange.approve_request(WANG_MIN, number, Approval(), late)


def test_an_extension_takes_the_escalation_back_until_the_new_day(code: str) -> None:
    number = deciding(code)
    late = NOW + timedelta(days=16)
    exchange.tick(late)
    exchange.extend_request(WANG_MIN, number, "需会商", "刘洋", late)
    due = exchange.request(WANG_MIN, number, late).due
    assert due is not None
    assert (due.escalated, due.overdue) == (False, False)


def test_a_catalogue_published_elsewhere_reaches_the_gateway_by_the_clock(code: str) -> None:
    catalogue.edit_resource(WANG_MIN, code, replace(draft(), title="新名称"), NOW)
    catalogue.publish_resource(WANG_MIN, code, NOW)
    assert "新名称" not in CompiledResourceRow.objects.get(pk=code).doc
    assert exchange.tick(NOW).recompiled == 1
    assert "新名称" in CompiledResourceRow.objects.get(pk=code).doc


def test_mounts_are_looked_at_in_turn_and_an_unreachable_one_stops_no_other(
    code: str, source: SourceForm, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounted(source, "第二个")
    assert exchange.check_mounts(NOW) == 0
    later = NOW + timedelta(hours=2)
    assert exchange.check_mounts(later) == 0
    assert set(Mount.objects.values_list("checked_at", flat=True)) == {later}
    monkeypatch.setenv("YW_SOURCE_HOSTS", "")
    assert exchange.check_mounts(later + timedelta(hours=2)) == 2
    assert exchange.sources(WANG_MIN)[0].problem == "connector-host-not-allowed"


def test_a_resource_that_is_served_by_file_alone_has_no_table_to_compare_and_stops_no_other(
    code: str,
) -> None:
    exchange.offer_files(WANG_MIN, published("只有文件"), NOW - timedelta(days=1))
    later = NOW + timedelta(hours=2)
    assert exchange.check_mounts(later) == 0
    assert Mount.objects.get(resource=code).checked_at == later
    assert exchange.check_sources(later) == 0
