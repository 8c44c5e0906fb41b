"""Data older than their update cycle: told to the provider and the bureau, over by itself, hidden from others."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.store.exchange.cast import (
    AUDITOR,
    CHEN_CHEN,
    CLERK,
    HE_QING,
    NOW,
    PROVIDER,
    WANG_MIN,
    ZHAO_JING,
    ZHOU_HANG,
    draft,
    published,
)
from yiwang.blocks.catalogue import public as catalogue
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.store.models import Mount, Source
from yiwang.blocks.identity.public import acting
from yiwang.blocks.watch import public as watch
from yiwang.blocks.watch.domain.errors import AlertUnknown
from yiwang.blocks.watch.domain.rules import Changes
from yiwang.blocks.watch.store.seeing import SYSTEM

pytestmark = pytest.mark.django_db
KINDS = {"data-stale", "department-stale"}


def stale_entry() -> str:
    """王敏's entry, to be updated daily, on a table whose last change was three days ago; nobody connects to it here."""
    made = published()
    with acting(SYSTEM):
        source = Source.objects.create(
            id="S-2026-000001", agency=PROVIDER, agency_name="市市场监督管理局", name="业务库", host="127.0.0.1",
            database="x", user="x", sealed_password="", checked_at=NOW, created_at=NOW, created_by="王敏",
        )  # fmt: skip
        Mount.objects.create(
            id="M-2026-000001", resource=made, source=source, agency=PROVIDER, schema="s", relation="t", key=["信用代码"],
            columns=[], modes=["query"], checked_at=NOW, created_at=NOW, created_by="王敏", watched_at=NOW,
            changed_at=NOW - timedelta(days=3),
        )  # fmt: skip
    return made


@pytest.fixture
def code() -> str:
    return stale_entry()


def look(now: datetime) -> Changes:
    return watch.look(watch.NodeSeen(), now)


def test_the_provider_is_told_of_the_entry_and_the_bureau_of_the_department(code: str) -> None:
    opened = [(one.kind, one.subject, one.agency) for one in look(NOW).opened if one.kind in KINDS]
    assert opened == [("data-stale", code, PROVIDER), ("department-stale", PROVIDER, "")]
    assert [one.kind for one in look(NOW + timedelta(minutes=1)).opened] == []
    assert [(one.kind, one.params["n"]) for one in watch.alerts(WANG_MIN)] == [("data-stale", "1")]
    assert [(one.kind, one.params) for one in watch.alerts(HE_QING)] == [
        ("department-stale", {"agency": "市市场监督管理局", "n": "1"})
    ]
    assert [one.kind for one in exchange.notices(WANG_MIN).rows] == ["alert-data-stale"]
    assert [one.kind for one in exchange.notices(HE_QING).rows] == ["alert-department-stale"]


def test_the_alert_closes_by_itself_once_rows_are_written(code: str) -> None:
    look(NOW)
    with acting(SYSTEM):
        Mount.objects.filter(resource=code).update(changed_at=NOW + timedelta(hours=1))
    assert len(look(NOW + timedelta(hours=2)).closed) == 2
    assert watch.alert_counts(WANG_MIN) == watch.alert_counts(HE_QING) == {"closed": 1}


def test_it_closes_when_the_published_cycle_becomes_longer_and_not_while_that_is_a_draft(code: str) -> None:
    look(NOW)
    catalogue.edit_resource(WANG_MIN, code, replace(draft(), update_cycle="yearly"), NOW)
    assert look(NOW + timedelta(minutes=1)).closed == ()
    catalogue.publish_resource(WANG_MIN, code, NOW)
    assert len(look(NOW + timedelta(minutes=2)).closed) == 2


def test_a_withdrawn_entry_or_mount_is_not_late(code: str) -> None:
    look(NOW)
    with acting(SYSTEM):
        Mount.objects.filter(resource=code).update(state="withdrawn")
    assert len(look(NOW + timedelta(minutes=1)).closed) == 2


def test_a_table_whose_source_does_not_count_is_never_called_late(code: str) -> None:
    with acting(SYSTEM):
        Mount.objects.filter(resource=code).update(changed_at=None, watched_at=None)
    assert [one.kind for one in look(NOW).opened] == []


def test_nobody_else_sees_or_takes_the_alert(code: str) -> None:
    look(NOW)
    stale = {one.kind: one.id for one in watch.alerts(AUDITOR)}
    assert set(stale) == KINDS
    for who in (ZHAO_JING, ZHOU_HANG, CHEN_CHEN, CLERK):
        assert watch.alerts(who) == ()
        for number in stale.values():
            with pytest.raises(AlertUnknown):
                watch.acknowledge(who, number, NOW)
    with pytest.raises(AlertUnknown):
        watch.acknowledge(WANG_MIN, stale["department-stale"], NOW)
    with pytest.raises(AlertUnknown):
        watch.acknowledge(HE_QING, stale["data-stale"], NOW)
