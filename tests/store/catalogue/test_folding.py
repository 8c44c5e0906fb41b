"""Old changes are added to the kept counts of words: searches say the same before and after, and nobody is disturbed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.db import connection

from tests.store.catalogue.test_catalogue import NOW, WANG_MIN, ZHOU_HANG
from tests.store.catalogue.test_finding import LATER, entry
from tests.store.catalogue.test_kept_counts import all_told
from yiwang.blocks.catalogue import public as catalogue
from yiwang.blocks.catalogue.store import folding, rebuilding
from yiwang.blocks.catalogue.store.search_models import SearchChange, SearchTotal

pytestmark = pytest.mark.django_db(transaction=True)
NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
"""12:00 in the zone of the tests' node."""
NIGHT = NOON + timedelta(hours=14)


@pytest.fixture
def changed(monkeypatch: pytest.MonkeyPatch) -> None:
    """An index with counts of every word, and six changes since: two new, one withdrawn, one served another way."""
    monkeypatch.setattr(folding, "LEFT", 2)
    kept = [entry(WANG_MIN, f"企业登记信息{n}") for n in range(3)]
    gone = entry(ZHOU_HANG, "婚姻登记信息", classification="101001")
    monkeypatch.setattr(rebuilding, "FREQUENT", 0)
    catalogue.rebuild_search({}, LATER, lambda *_: None)
    catalogue.withdraw_resource(ZHOU_HANG, gone, "职能调整", LATER)
    entry(ZHOU_HANG, "收养登记信息", share_type="none", share_basis="《收养法》第四条")
    entry(WANG_MIN, "个体户登记信息", update_cycle="monthly")
    catalogue.note_modes(kept[0], ("query", "verify"))
    entry(WANG_MIN, "企业年报登记信息")


def test_searches_say_the_same_and_only_the_latest_changes_are_left(changed: None) -> None:
    before, there = all_told(), SearchChange.objects.count()
    assert catalogue.fold_search_changes(NIGHT) == there - 2
    assert SearchChange.objects.count() == 2
    assert all_told() == before
    assert catalogue.fold_search_changes(NIGHT) == 0
    every = SearchTotal.objects.get(word="")
    left = sum(SearchChange.objects.values_list("step", flat=True))
    assert every.total + left == catalogue.find(WANG_MIN).total == 6


def test_few_changes_wait_for_the_night_and_many_do_not(
    changed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert catalogue.fold_search_changes(NOON) == 0
    monkeypatch.setattr(folding, "LONG", 3)
    assert catalogue.fold_search_changes(NOON) > 0


def test_changes_are_added_in_parts_that_stay(changed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    before, there = all_told(), SearchChange.objects.count()
    monkeypatch.setattr(folding, "AT_ONCE", 1)
    assert catalogue.fold_search_changes(NIGHT) == there - 2
    assert all_told() == before


@pytest.mark.parametrize(
    "held",
    [f"SELECT pg_advisory_xact_lock({folding.LOCK})", "LOCK TABLE catalogue_search IN SHARE ROW EXCLUSIVE MODE"],
    ids=["another worker", "a rebuild"],
)  # fmt: skip
def test_nothing_is_done_while_another_one_is_at_it(changed: None, held: str) -> None:
    facts = connection.settings_dict
    with psycopg.connect(
        host=facts["HOST"], port=facts["PORT"], dbname=facts["NAME"], user=facts["USER"], password=facts["PASSWORD"]
    ) as other:  # fmt: skip
        other.execute(held.encode())
        assert catalogue.fold_search_changes(NIGHT) == 0
    assert catalogue.fold_search_changes(NIGHT) > 0


def test_a_node_without_kept_counts_has_nothing_to_add() -> None:
    entry(WANG_MIN, "企业登记信息")
    assert catalogue.fold_search_changes(NOW) == 0
