"""How a resource is served is a facet of the search, kept by the exchange."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command

from tests.store.exchange.cast import NOW, WANG_MIN, ZHOU_HANG, mounted, published
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.public import SourceForm


def codes(mode: str) -> set[str]:
    return {row.resource.code for row in exchange.search_resources(ZHOU_HANG, narrowed={"mode": mode}).rows}


@pytest.mark.django_db
def test_a_mounted_resource_is_found_by_its_services_until_its_mount_ends(source: SourceForm) -> None:
    code, other = mounted(source), published("不动产登记")
    assert codes("query") == {code}
    assert codes("none") == {other}
    mount = exchange.resource_entry(WANG_MIN, code, NOW).mount
    assert mount is not None
    exchange.unmount_resource(WANG_MIN, mount, "换表", NOW + timedelta(hours=1))
    assert codes("none") == {code, other}


@pytest.mark.django_db(transaction=True)
def test_the_command_builds_the_index_with_services(source: SourceForm) -> None:
    code = mounted(source)
    call_command("rebuild_search", verbosity=0)
    assert codes("query") == {code}
