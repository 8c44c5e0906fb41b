"""Files and whole tables of other nodes on pages: asked for, listed, fetched and confirmed by their own agency alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import pytest
from django.utils import timezone

from tests.portal.conftest import Browser
from tests.portal.test_beyond import CODE, ENTRY, GRANT, asked, city, decided, heard
from tests.store.exchange.cast import AUDITOR, HE_QING, PROVIDER, ZHAO_JING, ZHOU_HANG, wish
from yiwang.blocks.cascade import public as cascade
from yiwang.blocks.cascade.domain.bodies import GrantBody
from yiwang.client import GatewayRefused
from yiwang.portal.files import beyond, fetching
from yiwang.vocabulary.manifest import Listed, Manifest

__all__ = ["asked", "city"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("node")]
FILES = "102001/7"
BY_FILE = msgspec.structs.replace(ENTRY, title="全国年报", modes=("file",), items=())
FILE_GRANT = GRANT | {
    "id": "G-7", "resource": FILES, "modes": ["file"], "fields": [], "predicates": [], "required": [],
}  # fmt: skip
LISTED = Listed(
    "F01m8khqg2gvbzv4the623pstap@nation", "年报.zip", "application/zip", 9, "ready", 9, "sm3", "0" * 64, "1" * 64, None, None,
    None, "2026-11-29T00:00:00Z", None,
)  # fmt: skip
MANIFEST = Manifest(
    chunks=("0" * 64,), digest="0" * 64, file=LISTED.id, hash="sm3", length=9, media="application/zip", name="年报.zip",
    sha256=None,
)  # fmt: skip


class Beyond:
    """What the pages ask of the gateway, written down."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.refuse = ""

    def __enter__(self) -> Beyond:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def list(self, code: str, *, purpose: str, grant: str) -> Iterator[Listed]:
        self.asked.append(("list", code, purpose, grant))
        if self.refuse:
            raise GatewayRefused({"code": self.refuse, "status": 503, "detail": "失联", "detail_en": "lost"})
        yield LISTED

    def manifest(self, file: str, *, purpose: str, grant: str) -> tuple[Manifest, None]:
        self.asked.append(("manifest", file, purpose, grant))
        return MANIFEST, None

    @contextmanager
    def content(self, manifest: Manifest, first: int, **_: object) -> Iterator[Iterator[bytes]]:
        yield iter([b"012345678"[first:]])

    def confirm(self, manifest: Manifest, *, purpose: str, grant: str) -> None:
        self.asked.append(("confirm", manifest.file, purpose, grant))


@pytest.fixture
def through(monkeypatch: pytest.MonkeyPatch) -> Beyond:
    made = Beyond()
    monkeypatch.setattr(beyond, "gateway", lambda *_, **__: made)
    for pages in (beyond, fetching):
        monkeypatch.setattr(pages, "Files", lambda client: client)
    return made


@pytest.fixture
def files(city: None) -> str:
    """A request for files that was granted."""
    heard("nation", "entry", FILES, BY_FILE)
    asked_for = wish(fields=(), lookups=(), modes=("file",), claims=())
    number = cascade.ask(ZHOU_HANG, "nation", FILES, asked_for, timezone.now())
    grant = GrantBody(
        "active", msgspec.json.encode(FILE_GRANT).decode(), "全国年报", PROVIDER, "总局", number
    )
    heard("nation", "grant", "G-7", grant, "lanzhou")
    decided(number, "granted", "G-7")
    return number


@pytest.mark.usefixtures("city")
def test_files_are_asked_for_where_the_owner_serves_them(browser: Browser) -> None:
    heard("nation", "entry", FILES, BY_FILE)
    heard("nation", "entry", CODE, msgspec.structs.replace(ENTRY, modes=("query", "file")))
    form = {
        "purposes": "1001", "purpose_title": "低保审核", "reason": "审核低保申请时核对年报", "calls_per_day": "10",
        "days": "30",
    }  # fmt: skip
    officer = browser(ZHOU_HANG, "en")
    alone, both = f"/share/nodes/nation/{FILES}/", f"/share/nodes/nation/{CODE}/"
    assert 'name="fields_"' not in officer.get(alone).content.decode()
    assert 'value="file"' in officer.get(both).content.decode()
    assert officer.post(both, form).status_code == 422, "a way has to be chosen"
    assert officer.post(both, form | {"modes": ["verify"]}).status_code == 422
    assert officer.post(both, form | {"modes": ["query"]}).status_code == 422, "rows need items"
    assert officer.post(both, form | {"modes": ["file"]}).status_code == 302
    assert officer.post(alone, form).status_code == 302
    assert {one.modes for one in cascade.askings(ZHOU_HANG)} == {("file",)}


@pytest.mark.usefixtures("city")
def test_a_whole_table_is_asked_for_with_its_ways_and_without_look_ups(browser: Browser) -> None:
    heard("nation", "entry", CODE, msgspec.structs.replace(ENTRY, modes=("query", "table")))
    officer, page = browser(ZHOU_HANG, "en"), f"/share/nodes/nation/{CODE}/"
    shown = officer.get(page).content.decode()
    assert 'value="incremental"' in shown
    assert 'value="changes"' not in shown, "changes are not routed"
    form = {
        "modes": ["table"], "fields_": ["信用代码", "名称"], "ways": ["full", "diff"], "frequency": "weekly",
        "purposes": "1001", "purpose_title": "低保审核", "reason": "审核低保申请时核对登记", "calls_per_day": "10", "days": "30",
    }  # fmt: skip
    assert officer.post(page, form | {"fields_": []}).status_code == 422
    assert officer.post(page, form | {"modes": ["query"]}).status_code == 422, "a query is by something"
    assert officer.post(page, form).status_code == 302
    (one,) = cascade.askings(ZHOU_HANG)
    assert one.modes == ("table",)
    assert one.wish["delivery"] == {"ways": ["full", "diff"], "frequency": "weekly"}
    assert one.wish["lookups"] == []


def test_files_of_another_node_are_listed_fetched_and_confirmed_under_the_grant(
    browser: Browser, files: str, through: Beyond
) -> None:
    page = f"/share/nodes/requests/{files}/"
    officer = browser(ZHOU_HANG)
    assert f"{page}files/" in officer.get(page).content.decode()
    shown = officer.get(f"{page}files/").content.decode()
    assert "年报.zip" in shown
    assert "1" * 64 in shown
    answer = officer.get(f"{page}files/{LISTED.id}/")
    assert b"".join(answer.streaming_content) == b"012345678"  # type: ignore[attr-defined]
    assert "attachment" in answer.headers["Content-Disposition"]
    terms = ("item:1001", "G-7")
    assert through.asked == [
        ("list", f"{FILES}@nation", *terms), ("manifest", LISTED.id, *terms), ("confirm", LISTED.id, *terms),
    ]  # fmt: skip
    through.refuse = "lease-over"
    shown = officer.get(f"{page}files/").content.decode()
    assert "失联" in shown


def test_files_for_a_case_are_listed_and_fetched_for_that_case(
    browser: Browser, files: str, through: Beyond
) -> None:
    strict = msgspec.json.encode(FILE_GRANT | {"case_required": True, "version": 2}).decode()
    heard(
        "nation", "grant", "G-7", GrantBody("active", strict, "全国年报", PROVIDER, "总局", files), "lanzhou"
    )
    page, officer = f"/share/nodes/requests/{files}/files/", browser(ZHOU_HANG)
    assert "年报.zip" not in officer.get(page).content.decode()
    assert through.asked == []
    assert 'name="case" value="DB-17"' in officer.get(f"{page}?case=DB-17").content.decode()
    assert through.asked == [("list", f"{FILES}@nation", "item:1001;case=DB-17", "G-7")]


def test_nobody_else_lists_or_fetches_files_of_another_node(
    browser: Browser, files: str, asked: str, through: Beyond
) -> None:
    page = f"/share/nodes/requests/{files}/files/"
    for other, status in ((ZHAO_JING, 404), (HE_QING, 403), (AUDITOR, 403), (None, 302)):
        for path in (page, f"{page}{LISTED.id}/"):
            assert browser(other).get(path).status_code == status, (other, path)
    officer = browser(ZHOU_HANG)
    assert officer.get(f"/share/nodes/requests/{asked}/files/").status_code == 404, "nothing is granted there"
    ended = GrantBody(
        "revoked", msgspec.json.encode(FILE_GRANT).decode(), "全国年报", PROVIDER, "总局", files
    )
    heard("nation", "grant", "G-7", ended, "lanzhou")
    assert officer.get(page).status_code == 404
    assert through.asked == []
