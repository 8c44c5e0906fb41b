"""Sandboxes on the real database: at once for every shared entry, one an agency, following the entry."""

from __future__ import annotations

import msgspec
import pytest

from tests.store.exchange.cast import (
    CHEN_CHEN,
    CLERK,
    CONSUMER,
    HE_QING,
    NOW,
    WANG_MIN,
    ZHAO_JING,
    ZHOU_HANG,
    mounted,
    published,
)
from yiwang.blocks.catalogue.public import create_resource
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.domain.errors import NotAllowed
from yiwang.blocks.exchange.domain.integration_errors import SandboxRefused, SandboxUnknown
from yiwang.blocks.exchange.domain.sandbox import CompiledSandbox
from yiwang.blocks.exchange.public import SourceForm
from yiwang.blocks.exchange.store.integration_models import CompiledSandboxRow
from yiwang.blocks.identity.public import Actor
from yiwang.vocabulary.errors import YwError

pytestmark = pytest.mark.django_db


def compiled(code: str) -> tuple[str, CompiledSandbox]:
    row = CompiledSandboxRow.objects.get(resource=code, consumer=CONSUMER)
    return row.state, msgspec.json.decode(row.doc, type=CompiledSandbox)


def test_an_entry_without_any_service_has_its_sandbox_at_once() -> None:
    code = published()
    number = exchange.open_sandbox(ZHOU_HANG, code, NOW)
    assert number == "B-2026-000001"
    state, made = compiled(code)
    assert state == "active"
    assert {field.name: field.mask for field in made.grant.fields} == {
        "信用代码": None, "名称": None, "法人": "name", "电话": "hidden", "成立": None, "资本": None,
    }  # fmt: skip
    assert made.grant.required == ("信用代码",)
    assert made.resource.source.host == ""
    assert made.lengths == {"信用代码": 18}
    assert exchange.sandbox(ZHOU_HANG, code).id == number


def test_opening_it_twice_finds_the_first() -> None:
    code = published()
    first = exchange.open_sandbox(ZHOU_HANG, code, NOW)
    assert exchange.open_sandbox(ZHOU_HANG, code, NOW) == first
    assert exchange.open_sandbox(ZHAO_JING, code, NOW) != first


def test_a_mounted_entry_offers_what_its_service_serves(source: SourceForm) -> None:
    code = mounted(source)
    exchange.open_sandbox(ZHOU_HANG, code, NOW)
    _, made = compiled(code)
    assert "资本" not in {field.name for field in made.grant.fields}, "the mount has no column for it"
    assert made.resource.key == ("信用代码",)


def test_it_follows_its_entry_until_that_is_withdrawn() -> None:
    code = published()
    exchange.open_sandbox(ZHOU_HANG, code, NOW)
    exchange.withdraw_resource(WANG_MIN, code, "不再更新", NOW)
    assert compiled(code)[0] == "withdrawn"


def test_what_is_not_shared_or_not_published_has_none() -> None:
    code = published("内部信息", "none")
    with pytest.raises(SandboxRefused):
        exchange.open_sandbox(ZHOU_HANG, code, NOW)


@pytest.mark.parametrize("who", [CHEN_CHEN, CLERK, HE_QING])
def test_only_a_data_officer_opens_one(who: Actor) -> None:
    code = published()
    with pytest.raises(NotAllowed):
        exchange.open_sandbox(who, code, NOW)


def test_an_outsider_sees_nothing_of_it_nor_of_a_draft() -> None:
    code = published()
    exchange.open_sandbox(ZHOU_HANG, code, NOW)
    with pytest.raises(SandboxUnknown):
        exchange.sandbox(ZHAO_JING, code)
    from tests.store.exchange.cast import draft

    hidden = create_resource(WANG_MIN, draft("草稿"), NOW)
    with pytest.raises(YwError, match="no-such-resource"):
        exchange.open_sandbox(ZHOU_HANG, hidden, NOW)
