"""Filters on ranges of texts, and pages far into a list, begin at an index: nothing is sorted whole for one page."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection

from tests.store.registry import shops
from tests.store.registry.applied import NOW, ROLES, applied, holder, owner
from yiwang.blocks.registry.public import Wanted, records, system_of
from yiwang.blocks.registry.queries.listing import Selection

pytestmark = pytest.mark.django_db
ROWS = 20_000


@pytest.fixture(params=["versions", "bitemporal"], autouse=True)
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Shops S000001 … in a table of either history, each size in one of them."""
    history = str(request.param)
    applied(shops.first(tmp_path, history))
    dated = ("_from, ", "'2020-01-01', ") if history == "bitemporal" else ("", "")
    made = owner()
    made.execute(
        f"INSERT INTO sys_shops.shop ({dated[0]}number, name, kind, size, _by)"
        f" SELECT {dated[1]}'S' || lpad(n::text, 6, '0'), '店', CASE n % 100 WHEN 0 THEN 'mall' ELSE 'shop' END,"
        f" 'x' || lpad((n * 7919 % {ROWS})::text, 6, '0'), 'load' FROM generate_series(1, {ROWS}) n".encode()
    )
    made.execute("CREATE INDEX shop_size ON sys_shops.shop (size)")
    made.execute("ANALYZE sys_shops.shop")
    return history


def plan_of(filters: dict[str, str], mark: str | None = None) -> str:
    """The plan of a page, as the application's role is given it."""
    found = system_of("shops")
    wanted = Wanted(filters, mark=mark)
    page = Selection(found, found.entity("shop"), wanted, NOW, None).questions()[0]
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {ROLES.app}")
        cursor.execute(f"EXPLAIN {page.text}", list(page.values))
        plan = "\n".join(line for (line,) in cursor.fetchall())
        cursor.execute("RESET ROLE")
    return plan


@pytest.mark.parametrize(
    "filters",
    [{"number.from": "S010000"}, {"number.from": "S010000", "number.to": "S010099"}, {"kind": "mall"}],
)
def test_a_range_of_keys_begins_at_the_index_of_the_key_and_is_not_sorted(filters: dict[str, str]) -> None:
    plan = plan_of(filters)
    assert "Index Scan using shop_pkey" in plan
    assert "Sort" not in plan
    assert ("number >= " in plan.partition("Index Cond")[2]) == ("number.from" in filters)


def test_a_range_of_other_texts_begins_at_their_index() -> None:
    plan = plan_of({"size.from": "x000100", "size.to": "x000109"})
    assert "shop_size" in plan
    assert "Seq Scan" not in plan


def test_a_page_far_into_a_list_begins_where_the_one_before_ended() -> None:
    errand = holder(1, "shops.clerk", purpose="upkeep")
    first = records(errand, "shops", "shop", Wanted({"number.from": "S010000"}, size=3), NOW)
    assert [one.values["number"] for one in first.records] == ["S010000", "S010001", "S010002"]
    assert first.following is not None
    plan = plan_of({"number.from": "S010000"}, first.following)
    assert "Index Scan using shop_pkey" in plan
    assert "> " in plan.partition("Index Cond")[2].partition("Filter")[0]
    wanted = Wanted({"number.from": "S010000"}, size=3, mark=first.following)
    assert [one.values["number"] for one in records(errand, "shops", "shop", wanted, NOW).records] == [
        "S010003",
        "S010004",
        "S010005",
    ]


def test_a_filtered_list_comes_in_the_order_of_the_key_page_by_page() -> None:
    errand = holder(1, "shops.clerk", purpose="upkeep")
    mark, seen = None, []
    while True:
        page = records(errand, "shops", "shop", Wanted({"size.to": "x000399"}, size=70, mark=mark), NOW)
        seen += [str(one.values["number"]) for one in page.records]
        mark = page.following
        if mark is None:
            break
    wanted = sorted(f"S{n:06d}" for n in range(1, ROWS + 1) if n * 7919 % ROWS <= 399)
    assert seen == wanted
