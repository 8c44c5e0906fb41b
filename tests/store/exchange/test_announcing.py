"""Users of a resource hear of a narrowing change when it is cleared, before it is published."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.store.exchange.cast import HE_QING, NOW, WANG_MIN, ZHAO_JING, ZHOU_HANG, granted, mounted, person
from yiwang.blocks.catalogue import public as catalogue
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.public import SourceForm

pytestmark = pytest.mark.django_db
APPROVER = person(21, "李娜", WANG_MIN.agency, WANG_MIN.agency_name, "approver")


def test_grantees_are_told_and_have_their_days(source: SourceForm) -> None:
    code = mounted(source)
    granted(code)
    draft = catalogue.draft(WANG_MIN, code)
    catalogue.edit_resource(WANG_MIN, code, replace(draft, items=draft.items[:-1]), NOW)
    before = exchange.unread_count(ZHOU_HANG)
    catalogue.submit_for_review(WANG_MIN, code, NOW)
    catalogue.pass_review(APPROVER, code, NOW)
    catalogue.clear_secrecy(HE_QING, code, "不涉密", NOW)
    assert exchange.unread_count(ZHOU_HANG) == before + 1
    assert exchange.unread_count(ZHAO_JING) == 0
    with pytest.raises(catalogue.NoticeRunning):
        exchange.publish_resource(WANG_MIN, code, NOW)
    assert exchange.publish_resource(WANG_MIN, code, NOW + timedelta(days=5)) == 2
