"""A feed is fetched from listed hosts only, within bounds, and read strictly."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import msgspec
import pytest

from yiwang.blocks.catalogue.domain.errors import FeedMalformed
from yiwang.blocks.catalogue.domain.feed import entries_of_feed
from yiwang.blocks.catalogue.domain.resource import ItemDraft, ResourceDraft
from yiwang.dataplane.connectors.errors import HostNotAllowed
from yiwang.dataplane.connectors.hosts import AllowedHosts
from yiwang.dataplane.feeds.fetching import FeedError, fetch_json

HERE = AllowedHosts(("127.0.0.1",))


@pytest.fixture
def server() -> Iterator[str]:
    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/elsewhere":
                self.send_response(302)
                self.send_header("Location", "/feed")
                self.end_headers()
                return
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"a": [1]}' if self.path == "/feed" else b"x" * 5000)

        def log_message(self, format: str, *args: object) -> None:
            pass

    running = HTTPServer(("127.0.0.1", 0), Pages)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_port}"
    running.shutdown()
    running.server_close()


def test_a_listed_host_is_read(server: str) -> None:
    assert fetch_json(f"{server}/feed", HERE) == {"a": [1]}


@pytest.mark.parametrize(("path", "largest"), [("/elsewhere", 10_000), ("/text", 10_000), ("/text", 100)])
def test_redirects_other_text_and_too_much_are_refused(server: str, path: str, largest: int) -> None:
    with pytest.raises(FeedError):
        fetch_json(server + path, HERE, largest=largest)


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "http://169.254.169.254/latest", "http://localhost:1/"])
def test_a_host_that_is_not_listed_is_not_asked(url: str) -> None:
    with pytest.raises(HostNotAllowed):
        fetch_json(url, AllowedHosts(("catalogue.lan",)))


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "http://a:b@127.0.0.1/", "ftp://127.0.0.1/", "http://127.0.0.1:x/", ""]
)
def test_only_plain_addresses_are_taken(url: str) -> None:
    with pytest.raises(FeedError):
        fetch_json(url, HERE)


def test_a_feed_gives_entries_by_its_own_ids() -> None:
    draft = ResourceDraft("名称", "306001003", "摘要", (ItemDraft("a", "甲"),))
    document = {
        "format": "yiwang-catalogue/1",
        "resources": [{"id": "A-1", "entry": msgspec.to_builtins(draft)}],
    }
    assert entries_of_feed(document) == (("A-1", draft),)


@pytest.mark.parametrize(
    "document",
    [
        None, [], {"format": "x", "resources": []}, {"format": "yiwang-catalogue/1", "resources": [{"id": "1"}]},
        {"format": "yiwang-catalogue/1", "resources": [{"id": "1", "entry": {"title": 3}}]},
    ],
)  # fmt: skip
def test_a_feed_in_another_form_is_refused(document: object) -> None:
    with pytest.raises(FeedMalformed):
        entries_of_feed(document)
