"""Evidence: who reads a leaf, what its page proves, and anybody's file checked in public."""

from __future__ import annotations

import json
import logging
import struct
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from tests.portal.conftest import Browser
from tests.portal.leaves import AT, leaf, record
from tests.portal.test_finding import words
from tests.store.exchange.cast import AUDITOR, CLERK, OPERATOR, WANG_MIN, ZHAO_JING, ZHOU_HANG
from yiwang.blocks.identity.public import Actor
from yiwang.blocks.journal.store import models
from yiwang.portal.evidence.checks import POINTS, WITHIN
from yiwang.portal.evidence.path import merkle_path
from yiwang.vocabulary.crypto import suite
from yiwang.vocabulary.evidence import FINDINGS
from yiwang.vocabulary.merkle import Frontier

pytestmark = pytest.mark.django_db
VECTORS = Path(__file__).resolve().parents[2] / "docs" / "specs" / "vectors" / "evidence.json"
CASE = json.loads(VECTORS.read_text(encoding="utf-8"))["cases"][0]
SESSION = json.loads(VECTORS.with_name("sessions.json").read_text(encoding="utf-8"))["cases"][0]
BETWEEN_HEADS = {
    "head-size-shrinks",
    "head-epoch-shrinks",
    "heads-inconsistent",
    "leaves-lost",
    "recovery-missing",
}


@pytest.fixture
def folder(tmp_path: Path, settings: Settings) -> Path:
    settings.YW_DATA = tmp_path
    return tmp_path


def upload(bundle: object, trust: object | None = CASE["trust"]) -> dict[str, object]:
    files: dict[str, object] = {"bundle": SimpleUploadedFile("e.json", json.dumps(bundle).encode())}
    if trust is not None:
        files["trust"] = SimpleUploadedFile("trust.json", json.dumps(trust).encode())
    return files


@pytest.mark.parametrize("who", [WANG_MIN, ZHOU_HANG, AUDITOR, OPERATOR])
def test_parties_and_watchers_see_the_proof_drawn(browser: Browser, folder: Path, who: Actor) -> None:
    record(leaf(), leaf(request_id="req-2"), leaf(request_id="req-3"), folder=folder)
    page = browser(who).get("/evidence/gw1/1/")
    html, text = page.content.decode(), words(page.content)
    assert "凭证已验证" in text
    assert html.count('class="path-sibling"') == 2
    assert 'role="img"' in html
    assert "DB-1" in text
    part = browser(who).get("/evidence/gw1/1/part.json")
    assert set(part.json()) == {"leaf", "index", "proof", "head", "signature"}


@pytest.mark.parametrize("who", [ZHAO_JING, CLERK])
def test_everybody_else_finds_nothing(browser: Browser, folder: Path, who: Actor) -> None:
    record(leaf(provider="11290100MB0000009X"), folder=folder)
    client = browser(who)
    for path in (
        "/evidence/gw1/0/",
        "/evidence/gw1/0/part.json",
        "/evidence/gw1/9/",
        "/evidence/find/?q=req-1",
    ):
        answer = client.get(path)
        assert answer.status_code == 404, path
        assert "DB-1" not in answer.content.decode()
    assert browser(None).get("/evidence/gw1/0/").status_code == 302


def test_a_changed_row_of_the_journal_is_shown_as_broken(browser: Browser, folder: Path) -> None:
    record(leaf(), leaf(request_id="req-2"), folder=folder)
    changed = leaf(rows=2).canonical().decode()
    models.Leaf.objects.filter(log="gw1", index=0).update(leaf=changed)
    assert "凭证不成立" in words(browser(AUDITOR).get("/evidence/gw1/0/").content)


def test_a_leaf_is_found_by_number_and_by_request_id(browser: Browser, folder: Path) -> None:
    record(
        leaf(),
        leaf(request_id="req-2"),
        leaf(request_id="req-2", kind="event", event="grant-issued"),
        folder=folder,
    )
    zhou = browser(ZHOU_HANG)
    assert zhou.get("/evidence/find/", {"q": "gw1/1"}).headers["Location"] == "/evidence/gw1/1/"
    assert zhou.get("/evidence/find/", {"q": "req-1"}).headers["Location"] == "/evidence/gw1/0/"
    assert "授权生效" in words(zhou.get("/evidence/find/", {"q": "req-2"}).content)
    assert zhou.get("/evidence/find/", {"q": "gw1/x"}).status_code == 404


def test_a_visitor_sees_the_heads_and_no_record(browser: Browser, folder: Path) -> None:
    record(leaf(), folder=folder)
    text = words(browser(None).get("/evidence/").content)
    assert "gw1" in text
    assert "一致" in text
    assert "找记录" not in text


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 9, 33, 64, 77])
def test_the_drawn_path_ends_at_the_root_for_every_place(size: int) -> None:
    chosen = suite("sm2-sm3")
    texts = [f"leaf {i}" for i in range(size)]
    tree, proofs = Frontier(chosen).append_many([chosen.digest(b"\0" + t.encode()) for t in texts])
    root = tree.root().hex()
    for index in range(size):
        proof = [part.hex() for part in proofs[index]]
        path = merkle_path("sm2-sm3", texts[index], index, size, proof, root)
        assert path.fits
        assert not merkle_path("sm2-sm3", "other", index, size, proof, root).fits
        assert not merkle_path("sm2-sm3", texts[index], index, size, [*proof, "00" * 32], root).fits


def test_every_finding_about_a_file_has_its_check() -> None:
    covered = frozenset().union(*(point.fails for point in POINTS + WITHIN))
    assert covered == set(FINDINGS) - BETWEEN_HEADS


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_true_file_passes_every_check(browser: Browser, folder: Path, language: str) -> None:
    answer = browser(None, language).post("/evidence/verify/", upload(CASE["bundle"]))
    html = answer.content.decode()
    assert answer.status_code == 200
    assert ("有效：各项都成立" if language == "zh-hans" else "Valid: every check holds") in html
    assert "point-bad" not in html
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_leaf_of_a_session_says_whether_its_caller_countersigned_it(browser: Browser, folder: Path) -> None:
    name = "90f21204179cb351862933416a0c5149"
    opening = leaf(
        kind="event", event="session-opened", status=201, provider=None, resource=None, rows=None, purpose="evidence:own",
        detail={"alg": "hmac-sm3", "session": name},
    )  # fmt: skip
    calls = [
        leaf(request_id=f"req-{number}", key=name, request_alg="hmac-sm3", request="cd" * 32)
        for number in (2, 3)
    ]
    record(opening, *calls, folder=folder)
    models.Session.objects.create(
        id=name, client="lan-minzheng-1", kid="k", log="gw1", index=0, opening="{}", opened=AT
    )
    for number, size, indexes in ((1, 1, b""), (2, 3, struct.pack(">q", 1))):
        models.Countersignature.objects.create(
            session=name, number=number, log="gw1", size=size, indexes=indexes, lost=b"", statement="{}",
            signature=b"", time=AT,
        )  # fmt: skip
    link = 'href="/evidence/gw1/0/"'
    mine, provider = browser(ZHOU_HANG), browser(WANG_MIN)
    signed, unsigned = mine.get("/evidence/gw1/1/"), mine.get("/evidence/gw1/2/")
    assert "请求方会签了这次调用 第 2 次，树头 3" in words(signed.content)
    assert "请求方还没有会签" in words(unsigned.content)
    assert link in signed.content.decode()
    opened = words(mine.get("/evidence/gw1/0/").content)
    assert "已会签 1 次调用" in opened
    assert "最近一次对树头 3" in opened
    theirs = provider.get("/evidence/gw1/1/")
    assert "请求方会签了这次调用" in words(theirs.content)
    assert link not in theirs.content.decode(), "the handshake is the caller's own"
    assert provider.get("/evidence/gw1/0/").status_code == 404
    assert browser(ZHAO_JING).get("/evidence/gw1/1/").status_code == 404
    english = words(browser(ZHOU_HANG, "en").get("/evidence/gw1/2/").content)
    assert "The caller has not countersigned it yet" in english


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_call_of_a_session_is_judged_by_its_countersignature_too(
    browser: Browser, folder: Path, language: str
) -> None:
    answer = browser(None, language).post("/evidence/verify/", upload(SESSION["bundle"], SESSION["trust"]))
    html = answer.content.decode()
    assert ("有效：各项都成立" if language == "zh-hans" else "Valid: every check holds") in html
    assert ("请求方会签了这次调用" if language == "zh-hans" else "The caller countersigned the call") in html


DAMAGES = [(case, damage) for case in (CASE, SESSION) for damage in case["invalid"]]


@pytest.mark.parametrize(("case", "damage"), DAMAGES, ids=[str(damage["title"]) for _, damage in DAMAGES])
def test_each_published_damage_is_named_in_both_languages(
    browser: Browser, folder: Path, case: dict[str, object], damage: dict[str, object]
) -> None:
    bundle = json.loads(json.dumps(case["bundle"]))
    *path, last = str(damage["member"]).split(".")
    part = bundle
    for name in path:
        part = part[name]
    part[last] = damage["value"]
    for language in ("zh-hans", "en"):
        html = (
            browser(None, language).post("/evidence/verify/", upload(bundle, case["trust"])).content.decode()
        )
        assert "point-bad" in html
        assert ("无效：不要采信" if language == "zh-hans" else "Not valid: do not rely on it") in html


def test_without_a_trust_file_the_nodes_own_is_used(browser: Browser, folder: Path) -> None:
    (folder / "trust.json").write_text(json.dumps(CASE["trust"]), encoding="utf-8")
    html = browser(None).post("/evidence/verify/", upload(CASE["bundle"], None)).content.decode()
    assert "用本节点" in html
    assert "有效：各项都成立" in html


def test_a_node_without_pinned_keys_asks_for_a_trust_file(browser: Browser, folder: Path) -> None:
    answer = browser(None).post("/evidence/verify/", upload(CASE["bundle"], None))
    assert answer.status_code == 422
    assert "请给出信任文件" in words(answer.content)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"format":"x"}', "\x00", "[" * 5000, '"' + "a" * 99]
)
def test_what_is_no_evidence_file_is_said_and_never_a_fault(
    browser: Browser, folder: Path, text: str
) -> None:
    (folder / "trust.json").write_text(json.dumps(CASE["trust"]), encoding="utf-8")
    answer = browser(None).post("/evidence/verify/", {"bundle_text": text})
    assert answer.status_code == 422
    assert "无法核验" in words(answer.content)
    pasted = browser(None).post(
        "/evidence/verify/", {"bundle_text": json.dumps(CASE["bundle"]), "trust_text": text or "x"}
    )
    assert pasted.status_code == 422


def test_a_large_file_is_refused_before_it_is_read(browser: Browser, folder: Path) -> None:
    for size in (2 * 1024 * 1024 + 1, 6 * 1024 * 1024):
        answer = browser(None).post(
            "/evidence/verify/", {"bundle": SimpleUploadedFile("e.json", b" " * size)}
        )
        assert answer.status_code == 413
        assert "2,048 KiB" in words(answer.content)


def test_the_form_carries_a_token_and_works_only_with_it(browser: Browser, folder: Path) -> None:
    browser(None)
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/evidence/verify/", upload(CASE["bundle"])).status_code == 403


def test_nothing_of_the_file_is_logged(
    browser: Browser, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    broken = {**CASE["bundle"], "answer": "身份证 290102199003070018"}
    browser(None).post("/evidence/verify/", upload(broken))
    browser(None).post("/evidence/verify/", {"bundle_text": '{"answer": "身份证 290102199003070018"'})
    assert "290102199003070018" not in caplog.text
    assert not [one for one in folder.rglob("*") if one.is_file()]
