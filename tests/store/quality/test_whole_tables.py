"""A declared table is judged whole, by a role that nobody else has: what of it is shared stays as little as it was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.db import connection

from tests.store.exchange.cast import WANG_MIN, draft
from tests.store.registry import shops
from tests.store.registry.applied import NOW, OWNER, ROLES, applied, holder
from yiwang.blocks.catalogue.public import ItemDraft, create_resource, publish_resource
from yiwang.blocks.quality import public as quality
from yiwang.blocks.registry.public import Listed, create_record, list_entity
from yiwang.dataplane.connectors.facts import SourceAddress

RULES = """quality:
    - {id: where, rule: not_null, fields: [address], severity: major}
    - {id: sized, rule: expr, expr: "row.size == null || size(row.size) > 1", severity: major, dimension: 准确性}
    - {id: given, rule: not_null, fields: [secret], severity: major}
    - {id: named, rule: not_null, fields: [kind], severity: minor}
"""
PASSWORD = "counts"
OFFICER = replace(WANG_MIN, agency=OWNER)


@pytest.fixture(autouse=True)
def application() -> None:
    """These tests own the database."""


@pytest.fixture
def shop(transactional_db: None, tmp_path: Path) -> Iterator[str]:
    """A declared table with rules about fields that no service names, in force, with three rows; gives its entry."""
    folder = shops.first(tmp_path)
    entities = folder / "entities.yaml"
    before = "quality: [{rule: not_null, fields: [kind], severity: major}]\n"
    text = entities.read_text(encoding="utf-8")
    assert before in text
    entities.write_text(text.replace(before, RULES), encoding="utf-8")
    applied(folder)
    code = create_resource(OFFICER, replace(draft("店铺"), items=(ItemDraft("number", "编号"),)), NOW)
    publish_resource(OFFICER, code, NOW)
    list_entity("shops", "shop", Listed(code, "", ""))
    clerk = holder(1, "shops.clerk", purpose="upkeep")
    for number, more in (("S1", {"address": "东街 1 号", "size": "20"}), ("S2", {"size": "9"}), ("S3", {})):
        create_record(clerk, "shops", "shop", {"number": number, "name": "店", "kind": "shop", **more}, NOW)
    facts = connection.settings_dict
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER ROLE {ROLES.quality} LOGIN PASSWORD '{PASSWORD}'")
    address = SourceAddress(
        str(facts["HOST"]), int(str(facts["PORT"])), str(facts["NAME"]), ROLES.quality, PASSWORD
    )
    quality.use_own_database(lambda: address)
    yield code
    quality.use_own_database(lambda: None)
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA sys_shops, sys_shops_read, sys_shops_share, sys_shops_quality CASCADE")
    connection.close()


def test_the_nightly_run_judges_fields_that_no_service_names_and_sealed_ones(shop: str) -> None:
    quality.follow_mounts(NOW)
    quality.run_rules(shop, NOW)
    found = {one.id: one for one in quality.resource_quality(OFFICER, shop, NOW).results}
    assert {one.reason for one in found.values()} == {""}
    counts = {name: (one.tested, one.failed) for name, one in found.items()}
    assert counts == {"where": (3, 2), "sized": (3, 1), "given": (3, 3), "named": (3, 0)}


@pytest.mark.parametrize(("rule", "rows"), [("where", ["S2", "S3"]), ("sized", ["S2"])])
def test_whoever_mends_gets_a_statement_that_finds_the_rows(shop: str, rule: str, rows: list[str]) -> None:
    quality.follow_mounts(NOW)
    quality.run_rules(shop, NOW)
    number = next(one.id for one in quality.tickets(OFFICER, NOW, tab="open").rows if one.rule == rule)
    with connection.cursor() as cursor:
        cursor.execute(quality.ticket(OFFICER, number, NOW).finding_sql)
        assert [key for (key,) in cursor.fetchall()] == rows
