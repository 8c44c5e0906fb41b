"""Every address of the web process, opened by a visitor: nothing answers but what is public on purpose."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.store.identity import cast
from tests.store.identity.cast import WANG_MIN
from yiwang.portal.account.access import PUBLIC, is_marked

PUBLIC_PAGES = {
    "account:login",
    "account:handover",
    "api:openapi",
    "alerts:unsubscribe",
    "set_language",
    "healthz",
    "portal:front",
    "portal:text-size",
    "portal:style",
    "portal:guide",
    "evidence:home",
    "evidence:verify",
}
"""Everything that a visitor may open. Adding a line here is a decision about what the public sees."""
SAMPLES = {
    "int": "1", "resource": "306001003/12", "called": "306001003/12@nation",
    "uuid": "00000000-0000-0000-0000-000000000000",
}  # fmt: skip


def patterns(
    resolver: URLResolver, prefix: str = "", space: str = ""
) -> Iterator[tuple[str, str, URLPattern]]:
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from patterns(entry, route, f"{space}{entry.namespace}:" if entry.namespace else space)
        else:
            yield f"{space}{entry.name}", route, entry


def sample(route: str) -> str:
    return "/" + re.sub(r"<(?:(\w+):)?\w+>", lambda found: SAMPLES.get(found[1] or "", "x"), route)


@pytest.fixture(params=["tests.store.identity.pages", settings.ROOT_URLCONF])
def addresses(request: pytest.FixtureRequest, settings: object) -> list[tuple[str, str, URLPattern]]:
    assert isinstance(request.param, str)
    setattr(settings, "ROOT_URLCONF", request.param)  # noqa: B010 - the fixture takes any setting
    return list(patterns(get_resolver(request.param)))


def test_a_visitor_opens_what_is_public_and_nothing_else(
    node: None, addresses: list[tuple[str, str, URLPattern]]
) -> None:
    visitor = Client()
    opened = set()
    for name, route, entry in addresses:
        if name == "api:None":  # the interface looks for itself: a program is told, not sent to a page
            for answer in (
                visitor.get(sample(route)),
                visitor.post(sample(route), content_type="application/json"),
            ):
                assert answer.status_code in (401, 404, 405), f"{route}: {answer.status_code}"
            continue
        if is_marked(entry.callback, PUBLIC):
            opened.add(name)
            continue
        for answer in (visitor.get(sample(route)), visitor.post(sample(route))):
            assert answer.status_code in (302, 403), f"{name} {route}: {answer.status_code}"
            assert answer.headers.get("Location", "/login/").startswith("/login/"), name
    unexpected = {name for name in opened if name not in PUBLIC_PAGES and not name.endswith("open_to_all")}
    assert unexpected - {"None"} == set()


def test_whoever_still_owes_a_step_opens_the_steps_only(
    node: None, addresses: list[tuple[str, str, URLPattern]]
) -> None:
    from yiwang.blocks.identity.store.models import User
    from yiwang.portal.account.access import PENDING

    browser = cast.enter(WANG_MIN)
    User.objects.update(must_change_password=True)
    for name, route, entry in addresses:
        if is_marked(entry.callback, PUBLIC) or is_marked(entry.callback, PENDING):
            continue
        answer = browser.get(sample(route))
        assert answer.status_code == 302, name
        assert answer.headers["Location"].startswith("/account/password/"), name


@pytest.mark.urls("tests.store.identity.pages")
def test_a_request_by_htmx_is_sent_to_the_login_page_too(node: None) -> None:
    answer = Client().get("/plain/", headers={"hx-request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (403, "/login/")
