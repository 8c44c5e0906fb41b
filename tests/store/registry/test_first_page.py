"""The first page of a list that nothing narrows is read from the index of the key, however long the list."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection

from tests.store.registry import shops
from tests.store.registry.applied import NOW, applied, owner
from yiwang.blocks.registry.public import Wanted, system_of
from yiwang.blocks.registry.queries.listing import Selection

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kept", ["versions", "bitemporal"])
def test_no_list_is_sorted_whole_for_its_first_page(tmp_path: Path, kept: str) -> None:
    applied(shops.first(tmp_path, kept))
    dated = ("_from, ", "'2020-01-01', ") if kept == "bitemporal" else ("", "")
    made = owner()
    made.execute(
        f"INSERT INTO sys_shops.shop ({dated[0]}number, name, kind, _by)"
        f" SELECT {dated[1]}'S' || n, '店', 'shop', 'load' FROM generate_series(1, 20000) n".encode()
    )
    made.execute("ANALYZE sys_shops.shop")
    found = system_of("shops")
    page = Selection(found, found.entity("shop"), Wanted({}), NOW, None).questions()[0]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {page.text}", list(page.values))
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Index Scan using shop_pkey" in plan
    assert "Sort" not in plan
