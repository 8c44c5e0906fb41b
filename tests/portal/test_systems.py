"""The page of systems: operators and auditors see what is in force and how it came there; others do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.portal.conftest import Browser
from tests.portal.test_finding import words
from tests.store.catalogue.test_reviewing import WANG_MIN, person
from tests.store.registry import shops
from tests.store.registry.applied import NOW, OWNER, ROLES, applied, owner
from yiwang.blocks.registry.public import Release, propose_release
from yiwang.bootstrap.systems.applying import checked
from yiwang.systems.loading import load_package

pytestmark = pytest.mark.django_db
OPERATOR = person(9, "周岩", "operator", agency="11290100MB0000004D")


def test_an_operator_sees_systems_their_steps_and_a_waiting_release(browser: Browser, tmp_path: Path) -> None:
    applied(shops.first(tmp_path))
    loaded = checked(load_package(shops.second(tmp_path)), {})
    release = Release(loaded=loaded, others={}, owner=OWNER, by="operator")
    propose_release(owner(), release, ROLES, NOW)
    page = browser(OPERATOR).get("/console/systems/")
    assert "店铺" in words(page.content)
    assert "2.0.0 待启用" in words(page.content)
    one = words(browser(OPERATOR).get("/console/systems/shops/").content)
    assert "shop.title 改名：name → title" in one
    assert "建表 店铺" in one
    applied(shops.second(tmp_path), confirmation="并类")
    assert "并类" in words(browser(OPERATOR).get("/console/systems/shops/").content)


def test_an_officer_does_not_see_the_page_of_systems(browser: Browser) -> None:
    assert browser(WANG_MIN).get("/console/systems/").status_code == 403
    assert browser(WANG_MIN).get("/console/systems/shops/").status_code == 403


def test_a_system_that_is_not_there_is_said_in_words(browser: Browser) -> None:
    page = browser(OPERATOR).get("/console/systems/nothing/")
    assert page.status_code == 404
