"""The main pages at every width between a phone and a desktop, in both languages: nothing hangs over an edge."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser, Page

from tests.journeys.conftest import Node
from tests.journeys.test_two_nodes import People

WIDTHS: Final = (390, 600, 768, 900, 1000, 1100, 1280)
FEW: Final = (390, 600, 900, 1280)
"""The narrowest of every kind of layout: tests without the long ones look at these."""
PAGES: Final = {
    "wangmin": (
        "/share/", "/share/resources/", "/share/resources/?q=企业", "/share/requests/", "/share/grants/", "/share/needs/",
        "/share/notices/", "/share/nodes/", "/desk/", "/desk/decisions/", "/desk/resources/", "/desk/sources/", "/catalogue/",
        "/catalogue/standing/", "/quality/", "/quality/tickets/", "/standards/", "/jobs/", "/subscriptions/", "/usage/",
        "/alerts/", "/evidence/", "/console/", "/account/", "/systems/",
    ),
    "heqing": (
        "/desk/reviews/", "/cockpit/", "/console/cascade/", "/console/grants/", "/systems/hotline/",
        "/systems/hotline/order/", "/systems/hotline/order/new/", "/systems/divisions/division/",
    ),
    "zhouyan": ("/console/node/", "/console/sources/", "/console/systems/", "/console/feeds/", "/alerts/mails/", "/jobs/"),
}  # fmt: skip
"""By who opens them."""
FOLLOWED: Final = {
    "/share/resources/": r"/share/resources/\d+/\d+/$",
    "/quality/": r"/quality/(?!tickets/).+/$",
    "/quality/tickets/": r"/quality/tickets/[^/]+/$",
    "/systems/hotline/order/": r"/systems/hotline/order/\d+/$",
}
"""Lists of which one page behind them is looked at, too."""
HANGING: Final = """() => {
  const found = [], width = window.innerWidth;
  if (document.scrollingElement.scrollWidth > width) found.push('page ' + document.scrollingElement.scrollWidth);
  for (const box of document.querySelectorAll('.table-scroll'))
    if (box.checkVisibility() && box.querySelector('.table-rows') && box.scrollWidth > box.clientWidth + 1)
      found.push(box.querySelector('.table-rows').className + ' ' + box.scrollWidth + ' in ' + box.clientWidth);
  return found;
}"""
SETTLED: Final = """() => document.fonts.ready.then(() => new Promise(done =>
  requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(done)))))"""


@pytest.fixture(scope="module")
def people(browser: Browser) -> Iterator[People]:
    everybody = People(browser)
    yield everybody
    for context in everybody.contexts.values():
        context.close()


def hanging(page: Page, widths: tuple[int, ...]) -> dict[int, list[str]]:
    """What hangs over an edge, by width of the window."""
    found = {}
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate(SETTLED)
        if over := page.evaluate(HANGING):
            found[width] = over
    return found


@pytest.mark.parametrize(
    "widths", [FEW, pytest.param(WIDTHS, marks=pytest.mark.long)], ids=["few widths", "every width"]
)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("username", PAGES)
def test_no_page_is_wider_than_its_window_and_no_row_is_cut(
    node: Node, people: People, username: str, language: str, widths: tuple[int, ...]
) -> None:
    wrong = {}
    page = people.open(node, username, "/share/")
    page.context.add_cookies([{"name": "django_language", "value": language, "url": node.url}])
    for path in PAGES[username]:
        answer = page.goto(node.url + path)
        assert answer is not None
        assert answer.status == 200, path
        assert page.evaluate("document.documentElement.lang.slice(0, 2)") == language[:2]
        if over := hanging(page, widths):
            wrong[path] = over
        if path in FOLLOWED:
            links = page.eval_on_selector_all(
                "main a[href]", "all => all.map(one => one.getAttribute('href'))"
            )
            behind = next((link for link in links if re.match(FOLLOWED[path], link)), "")
            assert behind, path
            page.goto(node.url + behind)
            if over := hanging(page, widths):
                wrong[behind] = over
    assert wrong == {}, wrong
