"""An outsider sees nothing: through every door, and in the database itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.db import DatabaseError, connection, transaction

from tests.store.exchange.cast import (
    AUDITOR,
    CHEN_CHEN,
    CLERK,
    HE_QING,
    NOW,
    OPERATOR,
    WANG_MIN,
    ZHAO_JING,
    ZHOU_HANG,
    granted,
    mounted,
    submitted,
    wish,
)
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.domain import errors
from yiwang.blocks.exchange.public import Approval, SourceForm
from yiwang.blocks.exchange.store.models import Grant, GrantStep, Mount, Request, Source, Step
from yiwang.blocks.identity.public import Actor, acting

pytestmark = pytest.mark.django_db

STRANGERS = [ZHAO_JING, CHEN_CHEN, CLERK, OPERATOR]


@pytest.fixture
def facts(source: SourceForm) -> tuple[str, str, str, str]:
    """A resource, a draft, a submitted request and a grant between provider and consumer."""
    code = mounted(source)
    draft = exchange.create_request(ZHOU_HANG, code, wish(), NOW)
    return code, draft, submitted(code), granted(code)


@pytest.mark.parametrize("actor", STRANGERS, ids=lambda a: a.name)
def test_a_stranger_sees_no_request_and_no_grant(facts: tuple[str, str, str, str], actor: Actor) -> None:
    code, draft, request, grant = facts
    assert exchange.my_requests(actor, NOW).rows == ()
    assert exchange.review_queue(actor, NOW).rows == ()
    assert exchange.decision_queue(actor, NOW).rows == ()
    assert exchange.decision_queue(actor, NOW, done=True).rows == ()
    assert exchange.grants(actor) == ()
    assert exchange.notices(actor).rows == ()
    home = exchange.home(actor, NOW)
    assert (home.todo, home.to_review, home.to_decide, home.my_grants, home.my_open_requests) == (
        (),
        0,
        0,
        0,
        0,
    )
    entry = exchange.resource_entry(actor, code, NOW)
    assert (entry.uses, entry.my_grants, entry.my_requests, entry.mount) == ((), (), (), None)
    listed = exchange.search_resources(actor).rows
    assert [(row.grant, row.request) for row in listed] == [(None, None)]
    for number in (draft, request):
        with pytest.raises(errors.RequestUnknown):
            exchange.request(actor, number, NOW)
        with pytest.raises(errors.RequestUnknown):
            exchange.request_form(actor, code, NOW, request_id=number)
    with pytest.raises(errors.GrantUnknown):
        exchange.grant(actor, grant, NOW)
    with pytest.raises(errors.GrantUnknown):
        exchange.request_form(actor, code, NOW, renews=grant)


@pytest.mark.parametrize("actor", STRANGERS, ids=lambda a: a.name)
def test_a_stranger_can_do_nothing_and_learns_nothing(facts: tuple[str, str, str, str], actor: Actor) -> None:
    _, draft, request, grant = facts
    tries: list[Callable[[], object]] = [
        lambda: exchange.edit_request(actor, draft, wish(), NOW),
        lambda: exchange.submit_request(actor, draft, NOW),
        lambda: exchange.withdraw_request(actor, request, NOW),
        lambda: exchange.accept_request(actor, request, NOW),
        lambda: exchange.return_request(actor, request, "x", NOW),
        lambda: exchange.reject_request(actor, request, "x", NOW),
        lambda: exchange.approve_request(actor, request, Approval(), NOW),
        lambda: exchange.refuse_request(actor, request, "x", "y", NOW),
        lambda: exchange.extend_request(actor, request, "x", "y", NOW),
    ]
    for attempt in tries:
        with pytest.raises(errors.RequestUnknown):
            attempt()
    for change in (
        lambda: exchange.revoke_grant(actor, grant, "x", NOW),
        lambda: exchange.suspend_grant(actor, grant, "x", NOW),
        lambda: exchange.resume_grant(actor, grant, NOW),
        lambda: exchange.renew_grant(actor, grant, NOW),
    ):
        with pytest.raises(errors.GrantUnknown):
            change()
    assert set(Request.objects.values_list("state", flat=True)) == {"draft", "submitted", "granted"}


def test_drafts_are_their_own_sides_secret(facts: tuple[str, str, str, str]) -> None:
    _, draft, request, _ = facts
    for actor in (WANG_MIN, HE_QING, AUDITOR):
        with pytest.raises(errors.RequestUnknown):
            exchange.request(actor, draft, NOW)
        assert exchange.request(actor, request, NOW).allowed == (
            {"accept", "return", "reject"} if actor is HE_QING else frozenset()
        )
    assert len(exchange.my_requests(ZHOU_HANG, NOW).rows) == 3


def test_both_sides_cannot_do_the_other_sides_part(facts: tuple[str, str, str, str]) -> None:
    _, _, request, grant = facts
    tries: list[Callable[[], object]] = [
        lambda: exchange.accept_request(WANG_MIN, request, NOW),
        lambda: exchange.accept_request(ZHOU_HANG, request, NOW),
        lambda: exchange.withdraw_request(WANG_MIN, request, NOW),
        lambda: exchange.revoke_grant(ZHOU_HANG, grant, "x", NOW),
    ]
    for attempt in tries:
        with pytest.raises(errors.NotAllowed):
            attempt()


@pytest.fixture
def as_app() -> Iterator[None]:
    """The rest of the test runs as a role that row-level security binds, as the application's does."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE exchange_test_app")
        cursor.execute(
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO exchange_test_app"
        )
        cursor.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO exchange_test_app")
        cursor.execute("SET LOCAL ROLE exchange_test_app")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


TABLES = (Request, Grant, Source, Mount, Step, GrantStep)


def _counts(actor: Actor) -> list[int]:
    with acting(actor):
        return [table.objects.count() for table in TABLES]


def test_the_database_itself_hides_rows_from_a_stranger(
    facts: tuple[str, str, str, str], as_app: None
) -> None:
    assert [table.objects.count() for table in TABLES] == [0] * 6
    for actor in (ZHAO_JING, CHEN_CHEN, CLERK):
        assert _counts(actor) == [0] * 6
    assert _counts(OPERATOR) == [0, 0, 1, 1, 0, 0]
    assert _counts(WANG_MIN) == [2, 1, 1, 1, 6, 1]
    assert _counts(ZHOU_HANG) == [3, 1, 0, 0, 7, 1]
    assert _counts(HE_QING) == [2, 1, 0, 0, 6, 1]


def test_a_forgotten_filter_changes_no_foreign_row(facts: tuple[str, str, str, str], as_app: None) -> None:
    with acting(ZHAO_JING):
        assert Grant.objects.update(state="active", consumer=ZHAO_JING.agency) == 0
    with acting(ZHOU_HANG), pytest.raises(DatabaseError), transaction.atomic():
        Request.objects.filter(state="draft").update(consumer=ZHAO_JING.agency)


def test_the_whole_way_works_under_row_level_security(source: SourceForm, as_app: None) -> None:
    code = mounted(source)
    grant_id = granted(code)
    exchange.suspend_grant(HE_QING, grant_id, "异常", NOW)
    exchange.resume_grant(WANG_MIN, grant_id, NOW)
    number = exchange.renew_grant(ZHOU_HANG, grant_id, NOW)
    exchange.submit_request(ZHOU_HANG, number, NOW)
    exchange.return_request(HE_QING, number, "补充", NOW)
    exchange.check_mount(WANG_MIN, exchange.mounts(WANG_MIN)[0].id, NOW)
    assert exchange.resource_entry(ZHOU_HANG, code, NOW).services
    exchange.tick(NOW)
    exchange.revoke_grant(WANG_MIN, grant_id, "结束", NOW)
    assert exchange.home(ZHOU_HANG, NOW).todo[0].kind == "correct"
