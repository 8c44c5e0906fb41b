"""Operators join, suspend, re-key and leave by page, each asked before it is done; nobody else gets there."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from tests.portal.conftest import Browser
from tests.portal.test_finding import words
from tests.store.exchange.cast import AUDITOR, HE_QING, OPERATOR, WANG_MIN, ZHAO_JING
from yiwang.blocks.cascade import public as cascade
from yiwang.blocks.cascade.actions.joining import NEW_KEY_AFTER
from yiwang.blocks.cascade.domain.card import Card, CardKey, Level, SignedCard, sign_card
from yiwang.blocks.cascade.domain.invitation import Invited, write_invitation
from yiwang.blocks.identity.public import Actor
from yiwang.vocabulary.crypto import ED25519, FileKeyProvider, generate, use_key_provider

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("node")]
KEY = generate(ED25519)
INVITATION = write_invitation(Invited("http://nation.example", "nation", KEY.kid, "secret"))
CHANGES = (
    "invite/", "join/", "join/card/", "key/", "nodes/nation/suspend/", "nodes/nation/resume/", "nodes/nation/leave/",
)  # fmt: skip
PAGE = "/console/cascade/"


def card(level: Level = "nation", zone: str = "extranet") -> SignedCard:
    spki = base64.b64encode(KEY.public.spki_der).decode()
    key = CardKey("cascade", KEY.kid, "ed25519", spki, 0, None)
    return sign_card(
        Card(
            node="nation", title="国家节点", level=level, zone=zone, url="http://nation.example",
            gateway="http://nation.example:8001", keys=(key,), sequence=1, issued=1,
        ),
        KEY,
    )  # fmt: skip


class Wire:
    """The parent answers with its card; `asked` is how often."""

    def __init__(self, answer: SignedCard) -> None:
        self.answer, self.asked = answer, 0

    def post(self, node: str, url: str, headers: object, body: bytes) -> bytes:
        del node, headers, body
        assert url == "http://nation.example/cascade/v1/join"
        self.asked += 1
        return msgspec.json.encode(self.answer)


@pytest.fixture
def wire(settings: Settings) -> Wire:
    settings.YW_LEVEL, settings.YW_ZONE, settings.YW_NODE = "city", "extranet", "lanzhou"
    made = Wire(card())
    cascade.use_transport(lambda: made)
    return made


def events() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT entry::jsonb ->> 'event' FROM journal_outbox ORDER BY id")
        return [row[0] for row in cursor.fetchall() if row[0].startswith("peer-")]


def test_an_invitation_is_shown_before_anybody_is_asked_and_joins_when_it_is_confirmed(
    browser: Browser, wire: Wire
) -> None:
    operator = browser(OPERATOR)
    shown = operator.post(f"{PAGE}join/", {"invitation": INVITATION})
    assert KEY.kid in words(shown.content)
    assert wire.asked == 0
    done = operator.post(f"{PAGE}join/", {"invitation": INVITATION, "do": "join"})
    assert done.headers["Location"] == f"{PAGE}nodes/nation/"
    assert wire.asked == 1
    assert "国家节点" in words(operator.get(f"{PAGE}nodes/nation/").content)
    assert "接入上级节点" not in words(operator.get(PAGE).content), "a node has one parent"
    again = operator.post(f"{PAGE}join/", {"invitation": INVITATION, "do": "join"})
    assert again.status_code == 422
    assert "已经接入" in words(again.content)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (card(zone="internet"), "不同网络区域"),
        (card(level="city"), "不能是"),
        (card(level="county"), "不能是"),
    ],
)
def test_a_join_across_zones_or_levels_is_refused_beside_its_field(
    browser: Browser, wire: Wire, answer: SignedCard, reason: str
) -> None:
    wire.answer = answer
    operator = browser(OPERATOR)
    by_invitation = operator.post(f"{PAGE}join/", {"invitation": INVITATION, "do": "join"})
    text = msgspec.json.encode(answer).decode()
    by_card = operator.post(
        f"{PAGE}join/card/", {"card": text, "fingerprint": KEY.kid, "relation": "parent", "do": "join"}
    )
    for refused in (by_invitation, by_card):
        assert refused.status_code == 422
        assert reason in words(refused.content)
    assert cascade.peers(OPERATOR) == ()


def test_a_card_is_joined_only_by_the_fingerprint_that_was_told(browser: Browser, wire: Wire) -> None:
    operator = browser(OPERATOR)
    form = {"card": msgspec.json.encode(card()).decode(), "fingerprint": "ab" * 16, "relation": "parent"}
    wrong = operator.post(f"{PAGE}join/card/", form | {"do": "join"})
    assert wrong.status_code == 422
    assert "密钥指纹" in words(wrong.content)
    assert operator.post(f"{PAGE}join/card/", form | {"card": "{}"}).status_code == 422
    form["fingerprint"] = KEY.kid
    assert "政务外网" in words(operator.post(f"{PAGE}join/card/", form).content)
    assert cascade.peers(OPERATOR) == ()
    assert operator.post(f"{PAGE}join/card/", form | {"do": "join"}).status_code == 302
    assert wire.asked == 0
    assert [one.name for one in cascade.peers(OPERATOR)] == ["nation"]


def test_suspend_resume_and_leave_are_asked_first_and_each_leaves_a_leaf(
    browser: Browser, wire: Wire
) -> None:
    operator = browser(OPERATOR)
    operator.post(f"{PAGE}join/", {"invitation": INVITATION, "do": "join"})
    node = f"{PAGE}nodes/nation/"
    for step, state in (("suspend", "suspended"), ("resume", "active")):
        assert operator.get(f"{node}{step}/").status_code == 200
        assert cascade.peer(OPERATOR, "nation").state != state
        operator.post(f"{node}{step}/")
        assert cascade.peer(OPERATOR, "nation").state == state
    twice = operator.post(f"{node}resume/")
    assert twice.status_code == 409
    assert operator.post(f"{node}leave/", {"reason": "机构调整"}).status_code == 422
    assert cascade.peer(OPERATOR, "nation").state == "active", "the name was not typed"
    operator.post(f"{node}leave/", {"reason": "机构调整", "typed": "nation"})
    assert cascade.peer(OPERATOR, "nation").state == "left"
    assert events() == ["peer-joined", "peer-suspended", "peer-active", "peer-left"]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT entry::jsonb #>> '{detail,by}' FROM journal_outbox WHERE entry LIKE '%peer-%'"
        )
        assert cursor.fetchall() == [(str(OPERATOR.user_id),)]


def test_a_new_key_is_made_only_when_the_name_is_typed(browser: Browser, wire: Wire, tmp_path: Path) -> None:
    use_key_provider(FileKeyProvider(tmp_path, create=True))
    operator = browser(OPERATOR)
    before = cascade.here(timezone.now()).kid
    assert operator.post(f"{PAGE}key/").status_code == 422
    assert events() == []
    assert operator.post(f"{PAGE}key/", {"typed": "lanzhou"}).status_code == 302
    assert events() == ["peer-rekeyed"]
    assert cascade.here(timezone.now() + NEW_KEY_AFTER).kid != before


def test_an_invitation_is_shown_once_and_not_kept_by_browsers(browser: Browser, wire: Wire) -> None:
    operator = browser(OPERATOR)
    shown = operator.post(f"{PAGE}invite/")
    assert re.search(r"yw-join\.[A-Za-z0-9_-]{40,}", shown.content.decode())
    assert shown.headers["Cache-Control"] == "no-store"
    assert operator.get(f"{PAGE}invite/").status_code == 405
    assert "yw-join." not in operator.get(PAGE).content.decode()


@pytest.mark.parametrize("person", [WANG_MIN, HE_QING, AUDITOR, ZHAO_JING, None])
def test_nobody_but_the_operator_changes_how_nodes_are_joined(
    browser: Browser, wire: Wire, person: Actor | None
) -> None:
    browser(OPERATOR).post(f"{PAGE}join/", {"invitation": INVITATION, "do": "join"})
    other = browser(person)
    expected = 302 if person is None else 403
    for path in CHANGES:
        form = {"invitation": INVITATION, "do": "join", "typed": "nation"}
        assert other.post(f"{PAGE}{path}", form).status_code == expected, path
    assert cascade.peer(OPERATOR, "nation").state == "active"
    seen = other.get(f"{PAGE}nodes/nation/")
    assert seen.status_code == (200 if person in (HE_QING, AUDITOR) else expected)
    if person in (HE_QING, AUDITOR):
        assert "/leave/" not in seen.content.decode()


def test_an_operator_without_the_second_factor_is_no_operator(browser: Browser, wire: Wire) -> None:
    half = replace(OPERATOR, username="half", roles=frozenset(), second_factor=False)
    assert browser(half).post(f"{PAGE}invite/").status_code == 403
    assert events() == []


def test_a_node_that_is_not_joined_is_not_found(browser: Browser, wire: Wire) -> None:
    operator = browser(OPERATOR)
    for path in ("nodes/nowhere/", "nodes/nowhere/leave/"):
        assert operator.get(f"{PAGE}{path}").status_code == 404
    assert operator.post(f"{PAGE}nodes/nowhere/leave/", {"typed": "nowhere"}).status_code == 404
