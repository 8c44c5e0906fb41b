"""Following other catalogues: set up by operators, run when due, fetched only from listed hosts, all of a file or none."""

from __future__ import annotations

import http.server
import io
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import openpyxl
import pytest
from django.utils import timezone
from pytest_django import Settings

from tests.portal.conftest import Browser
from tests.portal.test_finding import words
from tests.store.catalogue.test_reviewing import DRAFT, NOW, WANG_MIN, person
from yiwang.blocks.catalogue import public as catalogue
from yiwang.blocks.catalogue.actions import feeds as feeding
from yiwang.blocks.identity.public import Actor, NotAllowed
from yiwang.dataplane.connectors.errors import HostNotAllowed, HostUnknown

pytestmark = pytest.mark.django_db
OPERATOR = person(9, "周岩", "operator", agency="11290100MB0000004D")


@pytest.fixture(autouse=True)
def feeds_of_the_node(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.YW_DATA = str(tmp_path)
    people = {"u1": WANG_MIN, "u9": OPERATOR}

    def actor_for(username: str, now: object) -> Actor:
        del now
        if username not in people:
            raise catalogue.FeedUnknown(feed=username)
        return people[username]

    monkeypatch.setattr(feeding, "actor_for", actor_for)
    monkeypatch.setenv("YW_SOURCE_HOSTS", "127.0.0.1")


@pytest.fixture
def served() -> Iterator[tuple[str, dict[str, object]]]:
    """An address, and the document that it answers with."""
    held: dict[str, object] = {}

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(held).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            """Quiet."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/catalogue.json", held
    server.shutdown()


def test_an_address_is_followed_when_it_is_due_and_not_before(served: tuple[str, dict[str, object]]) -> None:
    url, held = served
    entry = msgspec.to_builtins(DRAFT)
    held |= {"format": "yiwang-catalogue/1", "resources": [{"id": "A1", "entry": entry}]}
    number = catalogue.add_feed(OPERATOR, catalogue.FeedForm("旧目录", "u1", url, 6), NOW)
    assert catalogue.run_due_feeds(NOW) == 1
    assert catalogue.run_due_feeds(NOW + timedelta(hours=5)) == 0
    one = catalogue.feed(OPERATOR, number)
    assert (one.state, one.created, one.problems) == ("done", 1, ())
    assert catalogue.run_due_feeds(NOW + timedelta(hours=6)) == 1
    assert catalogue.feed(OPERATOR, number).unchanged == 1
    assert catalogue.search_resources(WANG_MIN, mine=True, state="draft").total == 1


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254/latest", "http://localhost.evil.example/x", "https://10.0.0.1/"]
)
def test_an_address_outside_the_list_is_refused(url: str) -> None:
    with pytest.raises((HostNotAllowed, HostUnknown)):
        catalogue.add_feed(OPERATOR, catalogue.FeedForm("旧目录", "u1", url), NOW)


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "http://a:b@127.0.0.1/", "ftp://127.0.0.1/", "http:///x"]
)
def test_an_address_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(catalogue.FeedInvalid):
        catalogue.add_feed(OPERATOR, catalogue.FeedForm("旧目录", "u1", url), NOW)


def test_a_host_taken_off_the_list_is_not_fetched_any_more(
    served: tuple[str, dict[str, object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    number = catalogue.add_feed(OPERATOR, catalogue.FeedForm("旧目录", "u1", served[0]), NOW)
    monkeypatch.setenv("YW_SOURCE_HOSTS", "10.1.1.1")
    catalogue.run_due_feeds(NOW)
    one = catalogue.feed(OPERATOR, number)
    assert one.state == "failed"
    assert one.problems[0].zh


def sheet(value: str) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(catalogue.export_sheet(WANG_MIN)))
    book["信息资源目录"]["I3"] = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_files_of_a_folder_are_taken_in_and_wrong_cells_are_told() -> None:
    code = catalogue.create_resource(WANG_MIN, DRAFT, NOW)
    number = catalogue.add_feed(OPERATOR, catalogue.FeedForm("文件夹", "u1"), NOW)
    drop = Path(catalogue.feed(OPERATOR, number).folder)
    (drop / "a.xlsx").write_bytes(sheet("新的摘要。"))
    (drop / "b.xlsx").write_bytes(sheet("=1+1"))
    (drop / "c.xlsx").symlink_to("/etc/passwd")
    catalogue.run_due_feeds(NOW)
    one = catalogue.feed(OPERATOR, number)
    assert (one.state, one.changed) == ("partly", 1)
    assert "b.xlsx" in one.problems[0].where
    assert "I3" in one.problems[0].where
    assert catalogue.draft(WANG_MIN, code).summary == "新的摘要。"
    assert sorted(file.name for file in drop.glob("*.xlsx")) == ["b.xlsx", "c.xlsx"]


def test_only_operators_set_feeds_up_and_only_in_the_name_of_a_data_officer() -> None:
    form = catalogue.FeedForm("旧目录", "u1")
    with pytest.raises(NotAllowed):
        catalogue.add_feed(WANG_MIN, form, NOW)
    for officer in ("u9", "nobody"):
        with pytest.raises(catalogue.FeedInvalid):
            catalogue.add_feed(OPERATOR, catalogue.FeedForm("旧目录", officer), NOW)
    number = catalogue.add_feed(OPERATOR, form, NOW)
    for step in (catalogue.run_feed_soon, catalogue.remove_feed):
        with pytest.raises(NotAllowed):
            step(WANG_MIN, number, NOW)
    with pytest.raises(catalogue.FeedInvalid):
        catalogue.add_feed(OPERATOR, form, NOW)
    catalogue.remove_feed(OPERATOR, number, NOW)
    with pytest.raises(catalogue.FeedUnknown):
        catalogue.feed(OPERATOR, number)


def test_an_outsider_sees_no_feed_of_another_agency() -> None:
    from tests.store.catalogue.test_reviewing import ZHAO_JING

    number = catalogue.add_feed(OPERATOR, catalogue.FeedForm("旧目录", "u1"), NOW)
    assert [one.id for one in catalogue.feeds(WANG_MIN)] == [number]
    assert catalogue.feeds(ZHAO_JING) == ()


def test_the_operator_sees_feeds_on_pages_and_nobody_else_does(browser: Browser) -> None:
    operator = browser(OPERATOR)
    made = operator.post(
        "/console/feeds/new/", {"name": "旧目录", "officer": "u1", "url": "", "hours": "24", "active": "on"}
    )
    assert made.status_code == 302
    page = made.headers["Location"]
    number = int(page.strip("/").split("/")[-1])
    (Path(catalogue.feed(OPERATOR, number).folder) / "a.xlsx").write_bytes(b"no workbook")
    operator.post(f"{page}step/", {"do": "run"})
    catalogue.run_due_feeds(timezone.now())
    assert "a.xlsx" in words(operator.get(page).content)
    wrong = operator.post(
        f"{page}edit/", {"name": "旧目录", "officer": "u1", "url": "http://10.0.0.1/", "hours": "24"}
    )
    assert wrong.status_code == 422
    for path in ("/console/feeds/", page, f"{page}edit/", "/console/feeds/new/"):
        assert browser(WANG_MIN).get(path).status_code == 403
    assert browser(WANG_MIN).post(f"{page}step/", {"do": "remove"}).status_code == 403
