"""Counts kept of frequent words: they say what counting the rows would, also after the next publication."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module

import pytest
from django.db import connection

from tests.store.catalogue.test_catalogue import NOW, WANG_MIN, ZHOU_HANG
from tests.store.catalogue.test_finding import LATER, entry
from yiwang.blocks.catalogue import public as catalogue
from yiwang.blocks.catalogue.domain.searching.facts import CODED, counted, modes_in, narrowing, packed
from yiwang.blocks.catalogue.queries import finding
from yiwang.blocks.catalogue.store import rebuilding

SEARCHES: tuple[tuple[str, dict[str, str]], ...] = (
    ("", {}), ("登记", {}), ("企业", {}), ("", {"share_type": "unconditional"}), ("登记", {"share_type": "conditional"}),
    ("登记", {"mode": "none"}), ("登记", {"mode": "query"}), ("登记", {"mode": "query", "theme": "3"}),
    ("登记", {"provider": WANG_MIN.agency}), ("", {"provider": ZHOU_HANG.agency, "grade": "general"}),
    ("登记", {"grade": "general", "update_cycle": "monthly", "theme": "3"}), ("登记 信息 企业", {}), ("djxx", {"theme": "3"}),
    ("登记", {"quality": "4"}), ("", {"quality": "none"}), ("", {"quality": "2", "share_type": "unconditional"}),
)  # fmt: skip


def told(text: str, narrowed: dict[str, str]) -> tuple[int, set[str], dict[str, dict[str, int]]]:
    found = catalogue.find(ZHOU_HANG, text, narrowed)
    assert not found.at_least
    facets = {name: {f.value: f.count for f in values} for name, values in found.facets.items()}
    return found.total, {row.code for row in found.rows}, facets


def all_told() -> list[tuple[int, set[str], dict[str, dict[str, int]]]]:
    return [told(*search) for search in SEARCHES]


@pytest.mark.django_db(transaction=True)
def test_kept_counts_say_what_counting_says_before_and_after_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = [
        entry(WANG_MIN, "企业登记信息"),
        entry(WANG_MIN, "个体户登记信息", share_type="unconditional", update_cycle="monthly"),
        entry(ZHOU_HANG, "婚姻登记信息", classification="101001"),
    ]
    catalogue.note_modes(kept[0], ("query", "verify"))
    catalogue.note_quality(kept[0], 4)
    by_rows = all_told()
    monkeypatch.setattr(rebuilding, "FREQUENT", 0)
    catalogue.rebuild_search({kept[0]: ("query", "verify")}, LATER, lambda *_: None)
    assert all_told() == by_rows

    later = LATER + timedelta(hours=1)
    new = entry(ZHOU_HANG, "收养登记信息", share_type="none", share_basis="《收养法》第四条")
    catalogue.withdraw_resource(ZHOU_HANG, kept[2], "职能调整", later)
    catalogue.note_modes(kept[1], ("query",))
    catalogue.note_quality(kept[1], 2)
    catalogue.note_quality(kept[0], 5)
    by_changes = all_told()
    assert by_changes[1][0] == 3
    assert by_changes[1][2]["share_type"] == {"unconditional": 1, "conditional": 1, "none": 1}
    assert new in by_changes[1][1]
    monkeypatch.setattr(rebuilding, "FREQUENT", 1000)
    catalogue.rebuild_search({kept[0]: ("query", "verify"), kept[1]: ("query",)}, later, lambda *_: None)
    assert all_told() == by_changes


@pytest.mark.django_db(transaction=True)
def test_what_is_published_after_a_rebuild_is_found_where_few_are_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for n in range(4):
        entry(WANG_MIN, f"企业登记信息{n}")
    monkeypatch.setattr(rebuilding, "FREQUENT", 0)
    monkeypatch.setattr(finding, "FEW", 1)
    catalogue.rebuild_search({}, NOW, lambda *_: None)
    entry(WANG_MIN, "新办登记名录")
    found = catalogue.find(ZHOU_HANG, "登记", per_page=1)
    assert (found.total, found.pages) == (5, 5)
    everything = {
        row.title
        for page in range(1, 6)
        for row in catalogue.find(ZHOU_HANG, "登记", page=page, per_page=1).rows
    }
    assert len(everything) == 5
    narrowed = catalogue.find(ZHOU_HANG, "登记", {"share_type": "conditional"}, per_page=1)
    assert narrowed.total == 5
    assert narrowed.sampled == {"provider"}


def test_the_number_of_an_entry_says_its_facets() -> None:
    values = {
        "theme": "3",
        "share_type": "none",
        "update_cycle": "irregular",
        "grade": "sensitive",
        "quality": "5",
    }
    facts = packed(70_000, ("query", "verify"), values)
    assert modes_in(facts) == ("query", "verify")
    for name in CODED:
        expected = {"query": 1, "verify": 1} if name == "mode" else {values[name]: 1}
        within = narrowing({"mode": "query", **values})
        assert within is not None
        assert counted(name, {facts: 1}, within) == expected
    assert narrowing({"grade": "secret"}) is None
    assert narrowing({"mode": "none"}) != narrowing({})


def test_every_value_of_the_code_lists_has_its_number() -> None:
    for name, labels in finding._LABELS.items():
        for value in labels:
            assert narrowing({name: value}) is not None, (name, value)


@pytest.mark.django_db
def test_rows_of_the_older_index_get_the_numbers_that_a_rebuild_gives() -> None:
    fills = [
        import_module(f"yiwang.blocks.catalogue.store.migrations.{name}").FILL
        for name in ("0103_search_facts", "0105_search_quality")
    ]
    older = [
        (["query", "verify"], "3", "conditional", "monthly", "personal"),
        (["verify"], "0", "none", "irregular", "sensitive"),
        ([], "9", "unconditional", "realtime", ""),
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE catalogue_search (agency text, agency_name text, modes varchar[], theme varchar,"
            " share_type varchar, update_cycle varchar, grade varchar, facts bigint DEFAULT 0,"
            " tsv tsvector DEFAULT '');"
            " CREATE TEMP TABLE catalogue_search_provider (number serial, agency text, name text);"
            " CREATE TEMP TABLE catalogue_search_total (word text);"
            " CREATE TEMP TABLE catalogue_search_change (word text)"
        )
        cursor.executemany("INSERT INTO catalogue_search VALUES ('A', 'B', %s, %s, %s, %s, %s)", older)
        for fill in fills:
            cursor.execute(fill)
        cursor.execute("SELECT modes, theme, share_type, update_cycle, grade, facts FROM catalogue_search")
        found = {tuple(row[1:5]): row[5] for row in cursor.fetchall()}
    names = ("theme", "share_type", "update_cycle", "grade")
    assert found == {
        tuple(values): packed(1, modes, dict(zip(names, values, strict=True))) for modes, *values in older
    }
