"""Who is behind a session cookie, for interfaces without the pages' middleware."""

from __future__ import annotations

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from tests.store.identity import cast
from yiwang.blocks.identity import public as identity

pytestmark = pytest.mark.usefixtures("node")


def entered(who: cast.Person) -> tuple[str, int]:
    """A session in which somebody is signed in, and the number of the sign-in."""
    number = identity.begin_sign_in(
        who.actor.user_id, address="127.0.0.1", browser="Firefox", now=timezone.now()
    )
    session = SessionStore()
    session[identity.SIGN_IN] = number
    session.create()
    return str(session.session_key), number


def behind(session: str, address: str = "127.0.0.1") -> identity.SignedIn | None:
    return identity.signed_in_by(session, address=address, now=timezone.now())


def test_a_cookie_is_its_person_from_where_the_account_may_enter() -> None:
    session, number = entered(cast.LI_WEI)
    found = behind(session)
    assert found is not None
    assert (found.id, found.actor.username, found.pending) == (number, "li.wei", None)
    assert behind(session, "10.0.0.9") is None  # a demo account is of this machine alone
    assert behind("no-such-session-key-at-all-000000") is None


def test_who_still_owes_a_second_factor_is_told_so() -> None:
    found = behind(entered(cast.SECURITY)[0])
    assert found is not None
    assert found.pending == identity.SECOND_FACTOR


def test_an_ended_sign_in_counts_no_longer_than_it_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    session, number = entered(cast.LI_WEI)
    assert behind(session) is not None
    identity.end_sign_in(cast.LI_WEI.actor, number, now=timezone.now())
    assert behind(session) is not None
    monkeypatch.setattr("time.monotonic", lambda: 10.0**9)
    assert behind(session) is None
