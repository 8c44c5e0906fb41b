"""The console says in the reader's language what is wrong with a peer, and what to do about it."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.utils import timezone

from tests.portal.conftest import Browser
from tests.portal.test_finding import words
from tests.portal.test_joining import PAGE, Wire, wire
from tests.store.exchange.cast import OPERATOR, ZHAO_JING
from yiwang.blocks.cascade.domain.invitation import Invited, write_invitation
from yiwang.blocks.cascade.public import join_by_invitation, refused, unreachable
from yiwang.blocks.cascade.store.models import Peer
from yiwang.vocabulary.errors import YwError

__all__ = ["wire"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("node")]
ONE = f"{PAGE}nodes/nation/"


@pytest.fixture
def peer(wire: Wire) -> None:
    from tests.portal.test_joining import KEY

    invitation = write_invitation(Invited("http://nation.example", "nation", KEY.kid, "secret"))
    join_by_invitation(OPERATOR, invitation, wire, timezone.now())


def keep(problem: YwError) -> None:
    Peer.objects.filter(pk="nation").update(
        problem_code=problem.code, problem_facts=problem.facts, problem_at=timezone.now()
    )


@pytest.mark.usefixtures("peer")
@pytest.mark.parametrize(
    "problem",
    [unreachable("nation", "ConnectError"), refused("nation", "clock")],
    ids=lambda one: str(one.code),
)
def test_list_and_page_of_a_peer_speak_the_language_of_their_reader(
    browser: Browser, problem: YwError
) -> None:
    keep(problem)
    for language, other in (("zh-hans", "en"), ("en", "zh")):
        me = browser(OPERATOR, language)
        for page in (PAGE, ONE):
            shown = unescape(words(me.get(page).content))
            assert problem.text(language) in shown, page
            assert problem.text(other) not in shown, page
        shown = unescape(words(me.get(ONE).content))
        assert problem.mend(language) in shown
        assert problem.code in shown
    assert not re.search(r"ConnectError", shown), "what the transport met is for the log"
    assert browser(ZHAO_JING).get(ONE).status_code in (403, 404)


@pytest.mark.usefixtures("peer")
def test_words_that_came_with_a_leave_or_from_an_earlier_release_stand_as_they_are(browser: Browser) -> None:
    Peer.objects.filter(pk="nation").update(problem="nation does not answer: ConnectError.")
    for language in ("zh-hans", "en"):
        for page in (PAGE, ONE):
            assert "nation does not answer: ConnectError." in words(
                browser(OPERATOR, language).get(page).content
            )
    Peer.objects.filter(pk="nation").update(problem="机构调整", state="left")
    shown = words(browser(OPERATOR, "en").get(ONE).content)
    assert "Why it ended" in shown
    assert "机构调整" in shown
