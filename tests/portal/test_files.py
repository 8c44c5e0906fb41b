"""The page of a resource's files: what the provider does, what a receiver sees, who sees nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tests.portal.conftest import Browser
from tests.portal.leaves import leaf, record
from tests.store.exchange.cast import AUDITOR, CHEN_CHEN, NOW, WANG_MIN, ZHAO_JING, ZHOU_HANG, published
from tests.store.files.cast import delivered, held, shelved, stored
from tests.store.files.conftest import store
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.files import public as files
from yiwang.client import GatewayRefused
from yiwang.dataplane.filestore.store import FileStore
from yiwang.portal.files import sending

__all__ = ["store"]
pytestmark = pytest.mark.django_db


def address(code: str, rest: str = "") -> str:
    return f"/share/resources/{code}/files/{rest}"


@pytest.fixture(params=["zh-hans", "en"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_provider_opens_the_exchange_and_sees_receipts(
    browser: Browser, store: FileStore, language: str
) -> None:
    code = published()
    me = browser(WANG_MIN, language)
    assert "data-upload" not in me.get(address(code)).content.decode()
    form = {"largest": "100", "after_delivery": "30", "unfetched": "180", "kinds": ["text/csv"]}
    assert me.post(address(code, "settle/"), form).status_code == 302
    shelf = files.shelf(WANG_MIN, code, timezone.now())
    assert (shelf.is_open, shelf.form.largest, shelf.form.media) == (True, 100 << 20, ("text/csv",))
    number = stored(store, code)
    stored(store, code, b"MZ", "refused")
    delivered(number, held(code), NOW)
    page = me.get(address(code)).content.decode()
    for shown in ("年报.csv", number, "data-upload", "SHA-256" if shelf.files else "年报.csv", "gw1"):
        assert shown in page
    assert ("还没有部门" if language == "zh-hans" else "No agency holds") not in page


@pytest.mark.parametrize(
    "form", [{"largest": "0"}, {"after_delivery": "x"}, {"unfetched": ""}, {"kinds": "no/thing"}]
)
def test_a_form_that_does_not_hold_is_shown_again(browser: Browser, form: dict[str, str]) -> None:
    right = {"largest": "100", "after_delivery": "30", "unfetched": "180"}
    answer = browser(WANG_MIN).post(address(published(), "settle/"), right | form)
    assert answer.status_code == 422
    assert "field-error" in answer.content.decode()


def test_a_receiver_sees_and_may_fetch_what_is_ready(browser: Browser, store: FileStore) -> None:
    code = shelved()
    grant = held(code)
    number = stored(store, code)
    stored(store, code, b"MZ", "refused")
    page = browser(ZHOU_HANG).get(address(code)).content.decode()
    assert f"/share/grants/{grant}/files/{number}/" in page
    assert page.count('class="file"') == 1
    assert "data-upload" not in page
    assert address(code) in browser(ZHOU_HANG).get(f"/share/grants/{grant}/").content.decode()


@pytest.mark.parametrize("actor", [ZHAO_JING, CHEN_CHEN])
def test_an_outsider_sees_no_file_and_changes_nothing(browser: Browser, store: FileStore, actor: Any) -> None:
    code = shelved()
    number = stored(store, code)
    other = browser(actor)
    shown = other.get(address(code))
    assert number not in shown.content.decode()
    assert (
        other.post(
            address(code, "settle/"), {"largest": "1", "after_delivery": "1", "unfetched": "1"}
        ).status_code
        == 403
    )
    assert other.post(address(code, "close/")).status_code == 403
    assert files.shelf(WANG_MIN, code, NOW).is_open
    assert number in browser(AUDITOR).get(address(code)).content.decode()


class Gateway:
    """What the pages ask of the gateway, written down."""

    def __init__(self) -> None:
        self.asked: list[tuple[object, ...]] = []
        self.content = b""
        self.refuse = ""

    def __enter__(self) -> Gateway:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def announce(self, code: str, name: str, length: int, **more: object) -> str:
        self._check()
        self.asked.append(("announce", code, name, length))
        return "F1"

    def append(self, file: str, offset: int, data: bytes, **more: object) -> int:
        self._check()
        self.asked.append(("append", file, offset, len(data), more.get("checksum")))
        self.content += data
        return offset + len(data)

    def standing(self, file: str) -> Any:
        from yiwang.client.files import Standing

        return Standing(len(self.content), 10, "arriving", None, None)

    def _check(self) -> None:
        if self.refuse:
            raise GatewayRefused({"code": self.refuse, "status": 409, "detail": "慢", "detail_en": "slow"})


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Gateway:
    made = Gateway()
    monkeypatch.setattr(sending, "gateway", lambda *_, **__: made)
    monkeypatch.setattr(sending, "Files", lambda client: client)
    return made


def test_the_browser_uploads_piece_by_piece_and_is_told_where_it_stands(
    browser: Browser, gateway: Gateway
) -> None:
    me = browser(WANG_MIN)
    begun = me.post(address("306001003/1", "announce/"), {"name": "a.csv", "length": "10", "mark": "1"})
    assert (begun.status_code, begun.headers["Location"]) == (201, "/share/files/pieces/F1/")
    piece = me.generic(
        "PATCH", "/share/files/pieces/F1/", b"01234", "application/offset+octet-stream",
        headers={"Upload-Offset": "0", "Upload-Checksum": "sha256 x"},
    )  # fmt: skip
    assert (piece.status_code, piece.headers["Upload-Offset"]) == (204, "5")
    assert me.head("/share/files/pieces/F1/").headers["Upload-Offset"] == "5"
    assert gateway.asked[-1] == ("append", "F1", 0, 5, "sha256 x")
    gateway.refuse = "upload-offset"
    refused = me.generic("PATCH", "/share/files/pieces/F1/", b"5", headers={"Upload-Offset": "0"})
    assert (refused.status_code, refused.json()["code"]) == (409, "upload-offset")
    assert (
        me.generic("PATCH", "/share/files/pieces/F1/", b"5", headers={"Upload-Offset": "-1"}).status_code
        == 400
    )
    assert me.post(address("306001003/1", "announce/"), {"name": "a", "length": "many"}).status_code == 400


def test_without_a_script_a_form_delivers_a_whole_file(browser: Browser, gateway: Gateway) -> None:
    given = SimpleUploadedFile("a.csv", b"0123456789")
    answer = browser(WANG_MIN).post(address("306001003/1", "upload/"), {"file": given})
    assert answer.status_code == 302
    assert gateway.content == b"0123456789"
    assert browser(WANG_MIN).post(address("306001003/1", "upload/"), {}).status_code == 302


def test_only_data_officers_reach_the_pieces(browser: Browser, gateway: Gateway) -> None:
    other = browser(CHEN_CHEN)
    assert (
        other.generic("PATCH", "/share/files/pieces/F1/", b"x", headers={"Upload-Offset": "0"}).status_code
        == 403
    )
    assert other.get("/share/grants/G-1/files/F1/").status_code == 403
    assert gateway.asked == []


def test_news_of_files_lead_to_their_page(browser: Browser, store: FileStore) -> None:
    code = shelved()
    held(code)
    stored(store, code)
    files.tick(NOW + timedelta(minutes=1))
    page = browser(ZHOU_HANG).get("/share/notices/").content.decode()
    assert "有文件可取" in page


def test_a_resource_by_file_alone_is_asked_for_without_items(browser: Browser) -> None:
    code = shelved()
    me = browser(ZHOU_HANG)
    page = me.get(f"/share/resources/{code}/request/").content.decode()
    assert 'name="lookups"' not in page
    form = {
        "kind_0": "item", "code_0": "1001", "title_0": "低保审核", "reason": "核对", "modes": ["file"], "calls_per_day": "50",
        "subjects_per_day": "500", "rows_per_call": "50", "attempts_per_subject": "5", "days": "30", "do": "submit",
    }  # fmt: skip
    answer = me.post(f"/share/resources/{code}/request/", form)
    assert answer.status_code == 302, answer.content.decode()[:0]
    asked = exchange.my_requests(ZHOU_HANG, timezone.now()).rows
    assert [one.modes for one in asked] == [("file",)]
    shown = me.get(answer.headers["Location"]).content.decode()
    assert "取文件" in shown


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_grant_lists_confirmed_files_and_delivered_tables_beside_its_calls(
    browser: Browser, language: str
) -> None:
    grant = held(shelved())
    many = [leaf(kind="event", event="file-sent", grant=grant, rows=None, status=206) for _ in range(40)]
    record(
        leaf(kind="event", event="table-delivered", grant=grant, rows=None, status=0, detail={"rows": 1234}),
        leaf(
            kind="event",
            event="file-received",
            grant=grant,
            rows=None,
            detail={"file": "F-1", "length": 3 << 20},
        ),
        leaf(kind="query", grant=grant),
        *many,
    )
    for who, place in ((ZHOU_HANG, f"/share/grants/{grant}/"), (WANG_MIN, f"/desk/grants/{grant}/")):
        page = browser(who, language).get(place).content.decode()
        told = ("整表交换", "整个文件") if language == "zh-hans" else ("Whole table", "Whole file")
        for shown in (*told, "1,234", "3.0"):
            assert shown in page
        assert page.count('class="first num nowrap"') == 3, "pieces of a file are no calls"
