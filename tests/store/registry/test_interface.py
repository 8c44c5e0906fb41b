"""The generated interface: what each address answers, to whom, and what it refuses in which words."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.store.registry import calling
from tests.store.registry.calling import called
from tests.store.registry.families import (
    CLERK,
    COMMITTEE,
    DIRECTOR,
    NEIGHBOUR,
    NOW,
    OUTSIDER,
    TOWN,
    applied,
)
from yiwang.blocks.registry import public as registry
from yiwang.blocks.registry.api import calls
from yiwang.vocabulary.crypto import FileKeyProvider, use_key_provider

pytestmark = pytest.mark.django_db
GIVEN = {"town": TOWN, "head": "张某", "income": 123456, "account": "6222000011112222", "amount": 20000}
ROOT = "/aid/family"


@pytest.fixture(autouse=True)
def _system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_key_provider(FileKeyProvider(tmp_path / "keys", create=True))
    monkeypatch.setattr(calls, "signed_in_by", calling.signed_in_by)
    applied()


def created(key: str = "first-call", **more: object) -> int:
    reply = called(CLERK.actor, "POST", ROOT, {"values": {**GIVEN, **more}, "since": "2026-11-20"},
                   headers={"Idempotency-Key": key})  # fmt: skip
    assert reply.status == 201, reply.body
    assert reply.headers["Location"] == f"/api/v1/systems{ROOT}/{reply.json['id']}"
    return int(str(reply.json["id"]))


def test_a_record_is_created_read_changed_corrected_and_withdrawn() -> None:
    number = created()
    one = called(CLERK.actor, "GET", f"{ROOT}/{number}").json
    values = one["values"]
    assert isinstance(values, dict)
    assert (one["id"], one["since"], values["income"], values["poor"]) == (number, "2026-11-20", 123456, True)
    key = str(values["number"])
    assert called(CLERK.actor, "GET", f"{ROOT}/key/{key}").json["id"] == number
    assert called(CLERK.actor, "POST", f"{ROOT}/find", {"key": {"number": key}}).json["id"] == number
    change = {"values": {"state": "active"}, "since": "2026-11-25"}
    assert called(CLERK.actor, "PATCH", f"{ROOT}/{number}", change).status == 200
    before = called(CLERK.actor, "GET", f"{ROOT}/{number}?_on=2026-11-24").json
    assert before["values"]["state"] == "draft"  # type: ignore[index]
    correction = {"values": {"head": "张二"}, "since": "2026-11-20", "until": "2026-11-22"}
    assert called(CLERK.actor, "PATCH", f"{ROOT}/{number}", correction).status == 200
    heads = [
        called(CLERK.actor, "GET", f"{ROOT}/{number}?_on=2026-11-{day}").json["values"]["head"]  # type: ignore[index]
        for day in (20, 21, 22)
    ]
    assert heads == ["张二", "张二", "张某"]
    told = called(CLERK.actor, "GET", f"{ROOT}/{number}/history").json["records"]
    assert isinstance(told, list)
    assert len(told) == 5
    assert called(CLERK.actor, "POST", f"{ROOT}/{number}/withdraw", {"since": "2026-11-20"}).status == 200
    assert called(CLERK.actor, "GET", f"{ROOT}/{number}").code == "registry-record-unknown"


def test_a_repeated_creation_makes_nothing_more_and_another_under_its_key_is_refused() -> None:
    number = created()
    assert created() == number
    assert registry.records(DIRECTOR, "aid", "family", registry.Wanted({}), NOW).total == 1
    other = called(CLERK.actor, "POST", ROOT, {"values": GIVEN}, headers={"Idempotency-Key": "first-call"})
    assert (other.status, other.code) == (409, "registry-repetition-differs")
    bare = called(CLERK.actor, "POST", ROOT, {"values": GIVEN})
    assert (bare.status, bare.code) == (400, "registry-idempotency-key-missing")
    # a key belongs to whoever used it
    assert created("second-call") != number


def test_a_list_goes_on_from_page_to_page() -> None:
    for at in range(5):
        created(f"call-number-{at}", amount=at)
    first = called(CLERK.actor, "GET", f"{ROOT}?state=draft&_size=2").json
    assert (first["total"], first["at_least"]) == (5, False)
    seen, mark = [one["id"] for one in first["records"]], first["next"]  # type: ignore[attr-defined]
    while mark:
        page = called(CLERK.actor, "POST", f"{ROOT}/query", {"size": 2, "mark": mark, "count": False}).json
        assert "total" not in page
        seen += [one["id"] for one in page["records"]]  # type: ignore[attr-defined]
        mark = page["next"]
    assert len(set(seen)) == len(seen) == 5
    few = called(CLERK.actor, "POST", f"{ROOT}/query", {"filters": {"amount.from": 3, "poor": False}}).json
    assert few["total"] == 2


def test_values_that_tell_of_a_person_stand_in_no_address() -> None:
    for query in ("head=张某", "account=6222000011112222", "_text=张"):
        reply = called(CLERK.actor, "GET", f"{ROOT}?{query}")
        assert (reply.status, reply.code) == (400, "registry-filter-in-address")
    page = called(CLERK.actor, "POST", f"{ROOT}/query", {"filters": {"account": "6222000011112222"}})
    assert page.status == 200


def test_wrong_people_see_and_change_nothing() -> None:
    number = created()
    assert called(None, "GET", f"{ROOT}/{number}").status == 401
    for stranger in (NEIGHBOUR, OUTSIDER):
        assert called(stranger.actor, "GET", f"{ROOT}/{number}").status == 404
        assert called(stranger.actor, "GET", f"{ROOT}/{number}/history").status == 404
        assert called(stranger.actor, "GET", f"{ROOT}/{number}/readers").status == 404
        assert called(stranger.actor, "GET", ROOT).json["records"] == []
        assert called(stranger.actor, "PATCH", f"{ROOT}/{number}", {"values": {"amount": 1}}).status == 404
        assert called(stranger.actor, "POST", f"{ROOT}/{number}/withdraw", {}).status == 404
    refused = called(
        OUTSIDER.actor, "POST", ROOT, {"values": GIVEN}, headers={"Idempotency-Key": "a-strange-call"}
    )
    assert (refused.status, refused.code) == (403, "registry-not-allowed")
    seen = called(COMMITTEE.actor, "GET", f"{ROOT}/{number}").json["values"]
    assert isinstance(seen, dict)
    assert {name for name, value in seen.items() if value is not None} == {"number", "head", "state"}
    assert called(CLERK.actor, "GET", f"{ROOT}/{number}", purpose="payment").status == 404
    assert called(OUTSIDER.actor, "GET", "/aid/openapi.json").code == "registry-system-unknown"
    assert called(OUTSIDER.actor, "GET", "").json == {"systems": []}


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/nowhere/family", None, 404, "registry-system-unknown"),
        ("GET", "/aid/nothing", None, 404, "registry-entity-unknown"),
        ("GET", f"{ROOT}/1/elsewhere", None, 404, "registry-address-unknown"),
        ("DELETE", f"{ROOT}/1", None, 405, "registry-method-refused"),
        ("GET", f"{ROOT}?_order=x", None, 400, "registry-call-malformed"),
        ("GET", f"{ROOT}?_on=yesterday", None, 400, "registry-call-malformed"),
        ("GET", f"{ROOT}?nothing=1", None, 422, "registry-field-unknown"),
        ("GET", f"{ROOT}?_sort=amount", None, 422, "registry-list-broken"),
        ("GET", f"{ROOT}?_mark=e30", None, 422, "registry-list-broken"),
        ("GET", f"{ROOT}/{10**19}", None, 400, "registry-call-malformed"),
        ("GET", f"{ROOT}/1?_known=2026-01-01", None, 400, "registry-call-malformed"),
        ("POST", f"{ROOT}/query", b"{", 400, "registry-call-malformed"),
        ("POST", f"{ROOT}/query", {"filter": {}}, 400, "registry-call-malformed"),
        ("POST", f"{ROOT}/query", b" " * (1024 * 1024 + 1), 413, "registry-body-too-large"),
        ("PATCH", f"{ROOT}/1", {"values": {"number": "x"}}, 422, "registry-record-invalid"),
        ("PATCH", f"{ROOT}/1", {"values": {"amount": 1}}, 404, "registry-record-unknown"),
    ],
)
def test_a_wrong_call_is_told_what_is_wrong(
    method: str, path: str, body: object, status: int, code: str
) -> None:
    reply = called(CLERK.actor, method, path, body)
    assert (reply.status, reply.code) == (status, code)
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert reply.json["mend"]
    assert reply.json["mend_en"]


def test_each_wrong_value_is_named_with_its_field_and_not_repeated() -> None:
    body = {"values": {**GIVEN, "state": "secret-state", "amount": "1.5"}}
    reply = called(CLERK.actor, "POST", ROOT, body, headers={"Idempotency-Key": "a-wrong-call"})
    problems = reply.json["problems"]
    assert isinstance(problems, list)
    assert [one["field"] for one in problems] == ["state", "amount"]
    assert b"secret-state" not in reply.body


def test_a_page_of_another_site_changes_nothing_in_the_persons_name() -> None:
    body, key = {"values": GIVEN}, {"Idempotency-Key": "from-elsewhere"}
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        reply = called(CLERK.actor, "POST", ROOT, body, headers={**key, **headers})
        assert (reply.status, reply.code) == (403, "registry-foreign-origin")
    for kind in (
        "text/plain",
        "application/x-www-form-urlencoded",
    ):  # what a form can send without being asked
        assert called(CLERK.actor, "POST", ROOT, body, headers=key, kind=kind).status == 415
    assert (
        called(CLERK.actor, "POST", ROOT, body, headers={**key, "Origin": "http://127.0.0.1:8000"}).status
        == 201
    )


def test_the_description_is_openapi_and_names_every_address() -> None:
    document = called(CLERK.actor, "GET", "/aid/openapi.json").json
    OpenAPIV31SpecValidator(document).validate()
    paths = document["paths"]
    assert isinstance(paths, dict)
    root = f"/api/v1/systems{ROOT}"
    assert set(paths[root]) == {"get", "post"}
    assert f"{root}/{{number}}/history" in paths
    listed = {one["name"] for one in paths[root]["get"]["parameters"] if "name" in one}
    assert "state" in listed
    assert "head" not in listed
    assert [one["id"] for one in called(CLERK.actor, "GET", "").json["systems"]] == ["aid"]  # type: ignore[attr-defined]


def test_an_answer_without_a_name_tells_no_value(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("张某 6222000011112222")

    monkeypatch.setattr("yiwang.blocks.registry.queries.records.ask", broken)
    reply = called(CLERK.actor, "GET", f"{ROOT}/1")
    assert (reply.status, reply.code) == (500, "registry-unexpected")
    assert "6222000011112222" not in caplog.text + reply.body.decode()
    assert str(reply.json["request_id"]) in caplog.text


def test_a_read_that_leaves_the_department_is_noted_with_its_leaf() -> None:
    number = created()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM registry_read")
        assert cursor.fetchone() == (0,)  # the clerk is of the agency that answers for the system
    elsewhere = DIRECTOR
    abroad = elsewhere.actor.__class__(**{**vars(elsewhere.actor), "agency": "11290100MB00000022", "user_id": 44,
                                          "username": "user44", "name": "何青"})  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO registry_role_holder (system, role, "user", agency, since, given_by)'
            " VALUES ('aid', 'director', 44, '11290100MB00000022', '2026-01-01', 'admin')"
        )
    assert called(abroad, "GET", ROOT, purpose="audit", headers={"YW-Case": "A-1"}).json["total"] == 1
    assert called(abroad, "GET", f"{ROOT}/{number}", purpose="audit").status == 200
    assert called(abroad, "GET", f"{ROOT}/{number + 1000}", purpose="audit").status == 404
    reads = called(CLERK.actor, "GET", f"{ROOT}/{number}/readers").json["reads"]
    assert isinstance(reads, list)
    assert [(one["name"], one["agency"], one["purpose"], one["case"], one["way"]) for one in reads] == [
        ("何青", "11290100MB00000022", "audit", "", "api"),
        ("何青", "11290100MB00000022", "audit", "A-1", "api"),
    ]
    with connection.cursor() as cursor:
        cursor.execute("SELECT entry FROM journal_outbox WHERE entry LIKE '%record-read%'")
        entries = [row[0] for row in cursor.fetchall()]
    assert len(entries) == 2
    assert reads[0]["event"] in "".join(entries)
    assert not any(secret in "".join(entries) for secret in ("张某", "6222000011112222", "何青"))
