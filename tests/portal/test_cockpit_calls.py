"""Figures over the journal in the cockpit: how often whom was asked, and the entries behind a number to their parties."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from msgspec.structs import replace

from tests.portal.conftest import Browser
from tests.portal.leaves import leaf, record
from tests.portal.test_finding import words
from tests.store.exchange.cast import AUDITOR, HE_QING, OPERATOR, WANG_MIN, ZHAO_JING, ZHOU_HANG
from tests.store.registry.applied import OWNER, applied
from yiwang.blocks.identity.public import Actor
from yiwang.blocks.journal.queries import calls
from yiwang.blocks.registry.public import Listed, count_figures, declare_figures, list_entity, system_of
from yiwang.blocks.registry.store.models import FigureValue, RoleHolder
from yiwang.vocabulary.crypto import FileKeyProvider, use_key_provider
from yiwang.vocabulary.evidence import Leaf, instant_text

pytestmark = pytest.mark.django_db
FAMILY, OTHER = "306001003/7", "306001003/8"
LEADER = Actor(23, "leader", "梁局", OWNER, "民政局", "290100", frozenset({"approver"}))
AWAY = Actor(25, "away", "许宁", "11290100MB0000009K", "区民政局", "290102", frozenset())
HOUSING, STREET = "11290100MB0000002B", "11290100MB0000003C"
"""周航's agency, which called six times, and one that called once."""


@pytest.fixture(autouse=True)
def assistance(tmp_path: Path) -> None:
    """Calls of this month: seven answered (three checks, two of which found the person), two refused, one of others."""
    use_key_provider(FileKeyProvider(tmp_path / "keys", create=True))
    applied("population", "social_assistance")
    declare_figures("social_assistance", system_of("social_assistance").figures)
    list_entity("social_assistance", "family", Listed(FAMILY, "", ""))
    RoleHolder.objects.create(
        system="social_assistance", role="county_officer", user=AWAY.user_id, agency=AWAY.agency,
        since=timezone.now().replace(year=2020), given_by="admin",
    )  # fmt: skip
    now = timezone.now()
    refusal: dict[str, object] = {
        "kind": "refusal",
        "rows": None,
        "status": 403,
        "code": "purpose-not-allowed",
    }
    told: list[dict[str, object]] = [{"kind": "query"}] * 4
    told += [{"kind": "verify", "rows": n} for n in (1, 0, 1)]
    told += [refusal, refusal, {"resource": OTHER}]
    leaves = [_leaf(now + timedelta(microseconds=at), at, one) for at, one in enumerate(told)]
    leaves[6] = replace(leaves[6], consumer=STREET)
    record(*leaves)
    count_figures(now)


def _leaf(at: datetime, number: int, facts: dict[str, object]) -> Leaf:
    given: dict[str, object] = {
        "resource": FAMILY, "provider": OWNER, "consumer": HOUSING, "time": instant_text(at),
        "request_id": f"req-{number}", **facts,
    }  # fmt: skip
    return leaf(**given)


def cell(figure: str, **dims: str) -> int:
    return FigureValue.objects.get(figure__name=figure, dims=dims).pk


@pytest.mark.parametrize("who", [HE_QING, AUDITOR, LEADER])
def test_the_cockpit_shows_how_often_the_system_was_asked(browser: Browser, who: Actor) -> None:
    page = words(browser(who).get("/cockpit/").content)
    assert "外部门调用次数" in page
    assert "22.2 % ≤ 5" in page  # two of nine were refused
    assert "66.7 %" in page  # two of three checks found the person
    assert "超 17.2" in page


def test_a_figure_is_split_by_who_asked_and_how_and_drawn(browser: Browser) -> None:
    raw = browser(LEADER).get("/cockpit/social_assistance/calls_by_others/").content
    page = words(raw)
    assert "7 次调用" in page
    assert "按调用部门" in page
    assert "查询 4" in page
    assert "核验 3" in page
    assert b'data-chart="bar"' in raw
    refused = words(browser(LEADER).get("/cockpit/social_assistance/calls_refused/").content)
    assert "未被拒绝 0" in refused
    assert "用途不在授权内 100" in refused


def test_the_owner_opens_a_number_to_its_calls_and_each_to_its_evidence(browser: Browser) -> None:
    officer = browser(LEADER)
    page = officer.get(f"/cockpit/social_assistance/checks_that_hit/rows/{cell('checks_that_hit')}/")
    assert page.status_code == 200
    assert "由 3 次调用算出" in words(page.content)
    for index in (4, 5, 6):
        assert f'href="/evidence/gw1/{index}/"'.encode() in page.content
        assert officer.get(f"/evidence/gw1/{index}/").status_code == 200
    for index in (0, 7, 9):
        assert f"/evidence/gw1/{index}/".encode() not in page.content
    one = officer.get(
        f"/cockpit/social_assistance/calls_by_others/rows/{cell('calls_by_others', consumer=STREET)}/"
    )
    assert one.content.count(b"/evidence/gw1/") == 1
    assert b"/evidence/gw1/6/" in one.content
    assert b"DB-1" not in one.content  # the case it was asked for stays in the evidence


def test_who_counts_every_call_but_may_read_none_gets_the_number_alone(browser: Browser) -> None:
    page = browser(HE_QING).get(f"/cockpit/social_assistance/calls_by_others/rows/{cell('calls_by_others')}/")
    assert page.status_code == 200
    assert b"/evidence/gw1/" not in page.content
    assert "这些调用您看不到" in words(page.content)
    assert browser(AUDITOR).get(page.wsgi_request.path).content.count(b"/evidence/gw1/") == 7


def test_a_role_elsewhere_sees_no_number_of_few_calls_and_reads_none(browser: Browser) -> None:
    away = browser(AWAY)
    assert "外部门调用次数 2" in words(away.get("/cockpit/").content).replace(
        "外部门调用次数 20", "外部门调用次数 2"
    )
    page = words(away.get("/cockpit/social_assistance/calls_by_others/").content)
    assert "7 次调用" in page
    assert "核验 3" not in page  # fewer than five, and the other would tell it
    assert "查询 4" not in page
    few = cell("calls_by_others", consumer=STREET)
    assert away.get(f"/cockpit/social_assistance/calls_by_others/rows/{few}/").status_code == 404
    whole = away.get(f"/cockpit/social_assistance/calls_by_others/rows/{cell('calls_by_others')}/")
    assert b"/evidence/gw1/" not in whole.content
    assert "不足 5 次" in words(away.get("/cockpit/social_assistance/checks_that_hit/").content)


@pytest.mark.parametrize("who", [OPERATOR, WANG_MIN, ZHOU_HANG, ZHAO_JING])
def test_others_see_no_number_by_any_address(browser: Browser, who: Actor) -> None:
    outside = browser(who)
    assert "外部门调用次数" not in words(outside.get("/cockpit/").content)
    assert outside.get("/cockpit/social_assistance/calls_by_others/").status_code == 404
    number = cell("calls_by_others")
    assert outside.get(f"/cockpit/social_assistance/calls_by_others/rows/{number}/").status_code == 404


def test_calls_are_paged_and_a_mark_that_was_made_up_is_refused(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "LOOKED_AT", 4)
    address = f"/cockpit/social_assistance/calls_by_others/rows/{cell('calls_by_others')}/"
    found: list[str] = []
    url = address
    for _ in range(5):
        page = browser(LEADER).get(url).content.decode()
        found += [part.partition("/")[0] for part in page.split("/evidence/gw1/")[1:]]
        if 'href="?mark=' not in page:
            break
        url = address + "?mark=" + page.split('href="?mark=')[1].partition('"')[0]
    assert found == ["6", "5", "4", "3", "2", "1", "0"]
    assert browser(LEADER).get(address + "?mark=x").status_code == 409
    assert browser(LEADER).get(address + "?mark=W10").status_code == 409


def test_a_number_that_is_not_whole_yet_is_not_shown(browser: Browser) -> None:
    number = FigureValue.objects.get(figure__name="calls_by_others", dims={})
    number.figure.counted_at = None
    number.figure.save()
    assert "等第一次计算" in words(browser(LEADER).get("/cockpit/social_assistance/calls_by_others/").content)
    assert (
        browser(LEADER).get(f"/cockpit/social_assistance/calls_by_others/rows/{number.pk}/").status_code
        == 404
    )


def test_the_pages_are_complete_in_english(browser: Browser) -> None:
    page = words(browser(LEADER, "en").get("/cockpit/social_assistance/calls_by_others/").content)
    assert "7 calls" in page
    assert "By Calling agency" in page
    assert "Look-up 4" in page
    rows = browser(LEADER, "en").get(
        f"/cockpit/social_assistance/calls_by_others/rows/{cell('calls_by_others')}/"
    )
    text = words(rows.content)
    assert "Calls behind Calls by other departments" in text
    assert "Entries of the journal" in text
