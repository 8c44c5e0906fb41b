"""A basket and the bundle it becomes: all of it handed in or nothing, each request its own from then on."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from tests.store.exchange.cast import (
    HE_QING,
    ITEMS,
    NOW,
    WANG_MIN,
    ZHAO_JING,
    ZHOU_HANG,
    mounted,
    wish,
)
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.domain import bundle_errors, errors
from yiwang.blocks.exchange.public import BundleItem, SourceForm
from yiwang.blocks.exchange.store.bundle_models import Bundle
from yiwang.blocks.exchange.store.models import Request
from yiwang.blocks.identity.public import acting

pytestmark = pytest.mark.django_db


def test_a_basket_is_kept_for_its_person_and_nobody_else(source: SourceForm) -> None:
    code = mounted(source)
    exchange.put_in_basket(ZHOU_HANG, code, NOW)
    exchange.put_in_basket(ZHOU_HANG, code, NOW)
    (row,) = exchange.basket(ZHOU_HANG)
    assert (row.code, row.why_not) == (code, "")
    assert row.chosen
    assert exchange.basket(ZHAO_JING) == ()
    exchange.take_from_basket(ZHAO_JING, code)
    assert exchange.basket_codes(ZHOU_HANG) == {code}
    exchange.take_from_basket(ZHOU_HANG, code)
    assert exchange.basket_codes(ZHOU_HANG) == frozenset()


def test_ones_own_resource_is_shown_as_not_to_be_asked_for(source: SourceForm) -> None:
    code = mounted(source)
    exchange.put_in_basket(WANG_MIN, code, NOW)
    assert exchange.basket(WANG_MIN)[0].why_not == "own-resource"


def test_a_bundle_makes_one_request_a_resource_and_empties_the_basket(source: SourceForm) -> None:
    codes = [mounted(source, f"企业登记信息{n}") for n in range(3)]
    for code in codes:
        exchange.put_in_basket(ZHOU_HANG, code, NOW)
    number = exchange.hand_in_bundle(ZHOU_HANG, [BundleItem(code) for code in codes], wish(), NOW)
    view = exchange.bundle(ZHOU_HANG, number, NOW)
    assert sorted(row.resource for row in view.requests) == sorted(codes)
    assert view.counts == {"submitted": 3}
    assert all(row.bundle == number for row in view.requests)
    assert exchange.basket_codes(ZHOU_HANG) == frozenset()
    sensitive = {item.wire for item in ITEMS if item.grade == "sensitive"}
    assert sensitive
    for row in Request.objects.filter(bundle=number):
        assert not sensitive & {field["name"] for field in row.terms["fields"]}


def test_one_wrong_resource_keeps_all_of_them_from_being_handed_in(source: SourceForm) -> None:
    good = mounted(source)
    with pytest.raises(bundle_errors.BundleInvalid) as caught:
        exchange.hand_in_bundle(
            ZHOU_HANG,
            [BundleItem(good), BundleItem("306999/404"), BundleItem(good, ("nowhere",))],
            wish(),
            NOW,
        )
    assert set(caught.value.problems) == {"306999/404", good}
    assert Request.objects.filter(resource=good).count() == 0
    assert Bundle.objects.count() == 0


def test_only_a_data_officer_asks_and_nothing_is_no_bundle(source: SourceForm) -> None:
    code = mounted(source)
    with pytest.raises(errors.NotAllowed):
        exchange.hand_in_bundle(HE_QING, [BundleItem(code)], wish(), NOW)
    with pytest.raises(bundle_errors.BundleEmpty):
        exchange.hand_in_bundle(ZHOU_HANG, [], wish(), NOW)
    with pytest.raises(bundle_errors.BasketFull):
        exchange.hand_in_bundle(ZHOU_HANG, [BundleItem(f"306001/{n}") for n in range(101)], wish(), NOW)


def test_a_stranger_sees_no_bundle_and_the_provider_only_its_own_part(source: SourceForm) -> None:
    codes = [mounted(source, f"企业登记信息{n}") for n in range(2)]
    number = exchange.hand_in_bundle(ZHOU_HANG, [BundleItem(code) for code in codes], wish(), NOW)
    for stranger in (ZHAO_JING,):
        with pytest.raises(bundle_errors.BundleUnknown):
            exchange.bundle(stranger, number, NOW)
    with pytest.raises(bundle_errors.BundleUnknown):
        exchange.bundle(ZHOU_HANG, "P-2026-999999", NOW)
    assert len(exchange.bundle(HE_QING, number, NOW).requests) == 2


def test_the_database_hides_baskets_and_texts_of_others(source: SourceForm) -> None:
    exchange.put_in_basket(ZHOU_HANG, mounted(source), NOW)
    exchange.keep_phrase(WANG_MIN, "approve", "同意", "同意 {consumer} 使用", NOW)
    with connection.cursor() as cursor:
        cursor.execute(
            "DO $$ BEGIN CREATE ROLE bundle_app; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
        )
        cursor.execute("GRANT SELECT ON exchange_basket_item, exchange_phrase, exchange_bundle TO bundle_app")
    for actor, seen in ((ZHOU_HANG, (1, 0)), (ZHAO_JING, (0, 0)), (WANG_MIN, (0, 1))):
        with acting(actor), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL ROLE bundle_app")
            cursor.execute(
                "SELECT (SELECT count(*) FROM exchange_basket_item), (SELECT count(*) FROM exchange_phrase)"
            )
            assert cursor.fetchone() == seen
            cursor.execute("RESET ROLE")
