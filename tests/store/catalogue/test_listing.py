"""Every published entry that fits, page behind page: none twice, none left out, whatever changes meanwhile."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.store.catalogue.test_catalogue import NOW, WANG_MIN, ZHOU_HANG
from tests.store.catalogue.test_finding import entry
from yiwang.blocks.catalogue import public as catalogue

pytestmark = pytest.mark.django_db


def codes(text: str = "", narrowed: Mapping[str, str] | None = None, size: int = 2) -> list[str]:
    found: list[str] = []
    after = ""
    while True:
        page = catalogue.listed(ZHOU_HANG, text, narrowed, after=after, size=size)
        found += [row.code for row in page.rows]
        if not page.next:
            return found
        after = page.next


@pytest.fixture
def made() -> dict[str, str]:
    """Code by title."""
    kept = {f"企业登记信息{n}": entry(WANG_MIN, f"企业登记信息{n}") for n in range(5)}
    kept["婚姻登记信息"] = entry(ZHOU_HANG, "婚姻登记信息", classification="101001")
    kept["个体户名录"] = entry(WANG_MIN, "个体户名录", share_type="unconditional")
    return kept


def test_pages_of_any_size_together_are_every_entry_once(made: dict[str, str]) -> None:
    for size in (1, 2, 7, 500):
        assert codes(size=size) == sorted(made.values())


@pytest.mark.parametrize(
    ("text", "narrowed"),
    [
        ("登记", {}), ("登记 企业", {}), ("", {"share_type": "unconditional"}), ("", {"provider": ZHOU_HANG.agency}),
        ("306001", {}), ("登记", {"theme": "1"}), ("djxx", {}), ("登记", {"mode": "none", "grade": "general"}),
    ],
)  # fmt: skip
def test_it_lists_what_the_search_finds(made: dict[str, str], text: str, narrowed: dict[str, str]) -> None:
    found = catalogue.find(ZHOU_HANG, text, narrowed, per_page=50)
    assert codes(text, narrowed) == sorted(row.code for row in found.rows)


def test_what_is_published_and_withdrawn_meanwhile_hides_no_other(made: dict[str, str]) -> None:
    first = catalogue.listed(ZHOU_HANG, "登记", size=3)
    listed = [row.code for row in first.rows]
    catalogue.withdraw_resource(WANG_MIN, made["企业登记信息0"], "合并", NOW)
    catalogue.withdraw_resource(WANG_MIN, first.next, "合并", NOW)
    entry(ZHOU_HANG, "收养登记信息", classification="101001")
    rest = catalogue.listed(ZHOU_HANG, "登记", after=first.next, size=50)
    listed += [row.code for row in rest.rows]
    assert listed == sorted(code for title, code in made.items() if "登记" in title)


@pytest.mark.parametrize("narrowed", [{"share_type": "x"}, {"nothing": "1"}, {"provider": "' | '"}])
def test_a_strange_facet_lists_nothing(made: dict[str, str], narrowed: dict[str, str]) -> None:
    assert codes(narrowed=narrowed) == []


def test_drafts_and_withdrawn_entries_are_not_listed(made: dict[str, str]) -> None:
    catalogue.withdraw_resource(WANG_MIN, made["个体户名录"], "合并", NOW)
    assert made["个体户名录"] not in codes()
