"""Files on SFTP servers and lists behind HTTP interfaces, against servers of the test's own."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import asyncssh
import pytest

from yiwang.dataplane.connectors import errors
from yiwang.dataplane.connectors.places import Reach, place_of
from yiwang.dataplane.connectors.remote import Access, Reading
from yiwang.dataplane.transfer.errors import TransferKeyUnfit, TransferSourceMoved
from yiwang.dataplane.transfer.keeping import JobFolder
from yiwang.dataplane.transfer.planning import Order
from yiwang.dataplane.transfer.report import Report
from yiwang.dataplane.transfer.running import copy
from yiwang.dataplane.transfer.sqlite import SQLite


@dataclass(frozen=True)
class Sftp:
    """A server with one account on one folder."""

    root: Path
    port: int
    fingerprint: str

    @property
    def access(self) -> Access:
        return Access("geheim", self.fingerprint)

    def address(self, file: str) -> str:
        return f"sftp://wang@127.0.0.1:{self.port}/{file}"


class _Login(asyncssh.SSHServer):
    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == ("wang", "geheim")


@pytest.fixture(scope="module")
def sftp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sftp]:
    root = tmp_path_factory.mktemp("sftp")
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    key = asyncssh.generate_private_key("ssh-ed25519")

    async def listen() -> asyncssh.SSHAcceptor:
        return await asyncssh.listen(
            "127.0.0.1", 0, server_host_keys=[key], server_factory=_Login,
            sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=str(root).encode()),
        )  # fmt: skip

    server = asyncio.run_coroutine_threadsafe(listen(), loop).result(60)
    yield Sftp(root, server.get_port(), key.get_fingerprint())
    loop.call_soon_threadsafe(server.close)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(60)


def moved(folder: Path, source: str, target: str, access: Access, **words: Any) -> Report:
    reach = Reach()
    order = Order(**{"job": "job", "table": "t", "target_table": "t", "key": ("id",), **words})
    ends = place_of(source, reach, None, access), place_of(target, reach, None, access)
    return copy(*ends, order, JobFolder(folder, "job"), lambda _: None)


def rows(path: Path) -> list[tuple[object, ...]]:
    database = SQLite.open(path, write=False)
    try:
        return database.query("SELECT * FROM t ORDER BY 1")
    finally:
        database.close()


def test_a_file_comes_from_and_goes_to_an_sftp_server_whole(sftp: Sftp, tmp_path: Path) -> None:
    (sftp.root / "in.csv").write_text("id,xm\n1,王敏\n2,周航\n", "utf-8")
    report = moved(tmp_path / "a", sftp.address("in.csv"), str(tmp_path / "x.db"), sftp.access)
    assert report.proven
    assert "SFTP" in report.guarantee_en
    assert rows(tmp_path / "x.db") == [("1", "王敏"), ("2", "周航")]
    report = moved(tmp_path / "b", f"sqlite:{tmp_path / 'x.db'}", sftp.address("out.csv"), sftp.access)
    assert report.proven
    assert (sftp.root / "out.csv").read_text("utf-8-sig").splitlines() == ["id,xm", "1,王敏", "2,周航"]
    assert sorted(p.name for p in sftp.root.iterdir()) == ["in.csv", "out.csv", "out.csv.manifest.json"]
    (sftp.root / "out.csv").write_text("id,xm\n1,other\n", "utf-8")  # no longer what the manifest says
    with pytest.raises(TransferSourceMoved):
        moved(tmp_path / "c", sftp.address("out.csv"), str(tmp_path / "y.db"), sftp.access)


def test_an_sftp_server_is_known_by_its_key_alone(sftp: Sftp, tmp_path: Path) -> None:
    (sftp.root / "k.csv").write_text("id\n1\n")
    for key in ("", "SHA256:" + "A" * 43):
        with pytest.raises(errors.HostKeyUnknown) as told:
            moved(tmp_path, sftp.address("k.csv"), str(tmp_path / "x.db"), replace(sftp.access, host_key=key))
        assert sftp.fingerprint in told.value.text("zh")
    with pytest.raises(errors.LoginRefused):
        moved(tmp_path, sftp.address("k.csv"), str(tmp_path / "x.db"), replace(sftp.access, password="x"))
    with pytest.raises(errors.FileMissing):
        moved(tmp_path, sftp.address("none.csv"), str(tmp_path / "x.db"), sftp.access)
    assert not (tmp_path / "x.db").exists() or not SQLite.open(tmp_path / "x.db", write=False).shape("t")


class _Interface(BaseHTTPRequestHandler):
    """Seven rows in pages of three, by each way of paging; everything else is a trap."""

    asked: ClassVar[list[str]]
    rows: ClassVar[list[dict[str, object]]] = [
        {"id": n, "xm": f"王{n}", "n": Decimal("0.10") * n, "tags": ["甲", n]} for n in range(1, 8)
    ]

    def log_message(self, format: str, *args: object) -> None:
        return

    def do_GET(self) -> None:
        type(self).asked.append(f"{self.path} {self.headers.get('X-Key', '-')}")
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        at = int(query.get("page", "1")) - 1 if "page" in query else int(query.get("after", "0")) // 3
        page = self.rows[3 * at : 3 * at + 3]
        more = 3 * at + 3 < len(self.rows)
        body: object = {"data": {"rows": page}, "next": {"after": 3 * at + 3} if more else {}}
        link = ""
        match parts.path:
            case "/list":
                body, link = page, f"</list?after={3 * at + 3}>; rel=next" if more else ""
            case "/away":
                body, link = page, "<http://127.0.0.2:1/list>; rel=next"
            case "/loop":
                body, link = page, "</loop>; rel=next"
            case "/twice":
                body = [*page, page[0]]
            case "/redirect":
                self.send_response(302)
                self.send_header("Location", "http://169.254.169.254/latest/meta-data")
                self.end_headers()
                return
            case "/none":
                body = "no list"
        data = json.dumps(body, default=float).encode()
        self.send_response(200)
        if link:
            self.send_header("Link", link)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@pytest.fixture
def web() -> Iterator[str]:
    _Interface.asked = []
    with ThreadingHTTPServer(("127.0.0.1", 0), _Interface) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join(60)


@pytest.mark.parametrize(
    ("path", "items", "following", "pages"),
    [
        ("/list", "", "link", 3), ("/any?size=3", "data.rows", "page:page", 4),
        ("/any", "data.rows", "cursor:after=next.after", 3),
    ],
)  # fmt: skip
def test_every_page_of_a_list_arrives_with_its_types(
    web: str, tmp_path: Path, path: str, items: str, following: str, pages: int
) -> None:
    access = Access(header="X-Key: geheim", reading=Reading.parse(items, following))
    report = moved(tmp_path, web + path, str(tmp_path / "x.db"), access)
    assert report.proven
    assert "no snapshot" in report.guarantee_en
    assert "geheim" not in (tmp_path / "job" / "report.json").read_text()
    assert [row[:2] for row in rows(tmp_path / "x.db")] == [(n, f"王{n}") for n in range(1, 8)]
    assert rows(tmp_path / "x.db")[2][3] == '["甲",3]'
    assert len(_Interface.asked) == pages
    assert all(line.endswith(" geheim") for line in _Interface.asked)


@pytest.mark.parametrize("path", ["/away", "/loop", "/redirect", "/none", "/list"])
def test_an_interface_that_leads_elsewhere_or_has_no_list_is_refused(
    web: str, tmp_path: Path, path: str
) -> None:
    reading = Reading.parse("data" if path == "/list" else "", "link")
    with pytest.raises(errors.RemoteFault):
        moved(tmp_path, web + path, str(tmp_path / "x.db"), Access(header="X-Key: geheim", reading=reading))
    assert not any("169.254" in line for line in _Interface.asked)


def test_a_row_that_two_pages_hold_is_not_taken_twice(web: str, tmp_path: Path) -> None:
    with pytest.raises(TransferKeyUnfit):
        moved(tmp_path, web + "/twice", str(tmp_path / "x.db"), Access())


@pytest.mark.parametrize("header", ["Host: other", "X-A: b\r\nHost: x", "no colon", "Content-Length: 5"])
def test_a_header_cannot_become_another_request(header: str) -> None:
    with pytest.raises(errors.ParameterNotAllowed):
        place_of("https://127.0.0.1/x", Reach(), None, Access(header=header))
