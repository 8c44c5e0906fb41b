"""The programmes' interface: the same rights as the pages, refusals as problem documents, calls of other sites refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

import msgspec
import pytest
from django.test import Client
from openapi_spec_validator import validate

from tests.portal.conftest import Browser
from tests.store.demand.cast import WANTED, near_entry, routed, stated
from tests.store.exchange.cast import (
    AUDITOR,
    CHEN_CHEN,
    CLERK,
    HE_QING,
    NOW,
    PROVIDER,
    WANG_MIN,
    ZHAO_JING,
    ZHOU_HANG,
    mounted,
    published,
    submitted,
    wish,
)
from yiwang.blocks.demand import public as demand
from yiwang.blocks.exchange.public import SourceForm
from yiwang.blocks.identity.public import Actor
from yiwang.portal.api.operations import Operation
from yiwang.portal.api.serving import LARGEST
from yiwang.portal.api.urls import OPERATIONS


class Answer(Protocol):
    """What is looked at of an answer."""

    @property
    def status_code(self) -> int: ...
    @property
    def content(self) -> bytes: ...
    @property
    def headers(self) -> Mapping[str, str]: ...


pytestmark = pytest.mark.django_db
NEED = {**msgspec.to_builtins(WANTED), "wanted_by": None}


def post(client: Client, path: str, said: object, **headers: str) -> Answer:
    body = said if isinstance(said, str) else json.dumps(said, default=str)
    return client.post(f"/api/v1/{path}", body, content_type="application/json", headers=headers)


def told(answer: Answer) -> dict[str, object]:
    found: dict[str, object] = json.loads(answer.content)
    return found


def refused(answer: Answer, status: int, code: str) -> dict[str, object]:
    found = told(answer)
    assert (answer.status_code, found["code"]) == (status, code), found
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert found["status"] == status
    for member in ("type", "title", "detail", "detail_en", "mend", "mend_en", "request_id"):
        assert found[member]
    return found


def address(operation: Operation) -> str:
    """Its path with parts that name nothing."""
    return f"/api/v1{operation.path}".format(
        need="N-1", number="R-1", grant="G-1", code="306001003/999", run=1, row=1
    )


def call(client: Client, operation: Operation) -> Answer:
    return client.generic(operation.method, address(operation), "{}", content_type="application/json")


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.name)
def test_a_visitor_is_asked_to_sign_in_and_a_wrong_role_is_refused(
    browser: Browser, operation: Operation
) -> None:
    refused(call(browser(None), operation), 401, "api-sign-in-needed")
    if operation.roles:
        for who in (CHEN_CHEN, CLERK):
            refused(call(browser(who), operation), 403, "not-allowed")


def test_a_need_is_stated_found_answered_and_met(browser: Browser) -> None:
    near_entry()
    made = post(browser(ZHOU_HANG), "needs", {"need": NEED, "submit": True})
    assert made.status_code == 201, made.content
    number = told(made)["id"]
    assert told(made)["state"] == "routed"
    waiting = told(browser(WANG_MIN).get("/api/v1/needs", {"tab": "routed"}))
    assert [row["id"] for row in waiting["rows"]] == [number]  # type: ignore[attr-defined]
    answer = post(browser(WANG_MIN), f"needs/{number}/answer", {"kind": "none", "text": "本局没有采集"})
    assert told(answer)["row"]["state"] == "arbitration", answer.content  # type: ignore[index]
    code = published("股权出质")
    met = post(browser(HE_QING), f"needs/{number}/meet", {"resources": [code], "text": "已发布"})
    assert told(met)["row"]["state"] == "met"  # type: ignore[index]
    mine = told(browser(ZHOU_HANG).get("/api/v1/needs", {"tab": "done"}))
    assert [row["resources"] for row in mine["rows"]] == [[code]]  # type: ignore[attr-defined]


def test_a_draft_is_changed_handed_in_joined_disputed_and_taken_back(browser: Browser) -> None:
    near_entry()
    zhou = browser(ZHOU_HANG)
    made = told(post(zhou, "needs", {"need": NEED}))
    path = f"needs/{made['id']}"
    changed = zhou.put(
        f"/api/v1/{path}", json.dumps({"need": {**NEED, "title": "股权出质"}, "revision": made["revision"]}),
        content_type="application/json",
    )  # fmt: skip
    assert told(changed)["row"]["title"] == "股权出质"  # type: ignore[index]
    stale = zhou.put(
        f"/api/v1/{path}",
        json.dumps({"need": NEED, "revision": made["revision"]}),
        content_type="application/json",
    )
    refused(stale, 409, "need-changed")
    assert told(post(zhou, f"{path}/submit", {}))["row"]["state"] == "routed"  # type: ignore[index]
    joined = told(post(browser(ZHAO_JING), f"{path}/join", {}))
    assert joined["row"]["askers"] == 2  # type: ignore[index]
    assert told(post(zhou, f"{path}/withdraw", {"text": "不再需要"}))["row"]["state"] == "withdrawn"  # type: ignore[index]


@pytest.mark.parametrize(
    ("step", "said", "status"),
    [
        # the agencies of the cast are not in the directory here: the bureau comes as far as being told so
        ("route", {"agencies": [PROVIDER]}, 422), ("assign", {"agency": PROVIDER, "by": "2099-01-04", "text": "贵局是数源"}, 422),
        ("decline", {"ground": "law", "text": "不得共享", "basis": "某法第一条"}, 200),
    ],
)  # fmt: skip
def test_the_bureau_alone_arbitrates(
    browser: Browser, step: str, said: dict[str, object], status: int
) -> None:
    near_entry()
    number = routed()
    demand.answer_need(WANG_MIN, number, demand.Answer("none", "本局没有采集"), NOW)
    for who in (WANG_MIN, ZHOU_HANG, ZHAO_JING, AUDITOR):
        refused(post(browser(who), f"needs/{number}/{step}", said), 403, "not-allowed")
    ruled = post(browser(HE_QING), f"needs/{number}/{step}", said)
    assert ruled.status_code == status, ruled.content
    assert status == 200 or told(ruled)["code"] == "need-invalid"


def test_an_outsider_sees_no_draft_no_contact_and_answers_nothing(browser: Browser) -> None:
    near_entry()
    number, draft = routed(), stated()
    demand.answer_need(WANG_MIN, number, demand.Answer("none", "本局没有采集"), NOW)
    zhao = browser(ZHAO_JING)
    refused(zhao.get(f"/api/v1/needs/{draft}"), 404, "need-unknown")
    seen = zhao.get(f"/api/v1/needs/{number}").content.decode()
    for hidden in ("0931-5550000", "社会救助科", "本局没有采集", "周航"):
        assert hidden not in seen
    for step, said in (
        ("answer", {"kind": "none", "text": "没有"}),
        ("withdraw", {}),
        ("dispute", {"text": "不对"}),
    ):
        refused(post(zhao, f"needs/{number}/{step}", said), 403, "demand-not-allowed")


def test_mistakes_of_a_need_are_named_by_their_places(browser: Browser) -> None:
    wrong = post(browser(ZHOU_HANG), "needs", {"need": {**NEED, "title": "", "calls_per_day": 0}})
    found = refused(wrong, 422, "need-invalid")
    assert [one["where"] for one in found["problems"]] == ["title", "calls_per_day"]  # type: ignore[attr-defined]


def test_a_request_is_made_reviewed_decided_and_seen_by_its_parties_alone(
    browser: Browser, source: SourceForm
) -> None:
    code = mounted(source)
    asked = {"resource": code, "request": msgspec.to_builtins(wish()), "submit": True}
    made = told(post(browser(ZHOU_HANG), "requests", asked))
    path = f"requests/{made['id']}"
    refused(browser(ZHAO_JING).get(f"/api/v1/{path}"), 404, "no-such-request")
    refused(post(browser(WANG_MIN), f"{path}/accept", {}), 403, "not-allowed")
    assert told(post(browser(HE_QING), f"{path}/accept", {}))["state"] == "deciding"
    waiting = told(browser(WANG_MIN).get("/api/v1/requests", {"list": "decide"}))
    assert [row["id"] for row in waiting["rows"]] == [made["id"]]  # type: ignore[attr-defined]
    refused(post(browser(ZHOU_HANG), f"{path}/approve", {}), 403, "exchange-not-allowed")
    refused(post(browser(ZHAO_JING), f"{path}/approve", {}), 404, "no-such-request")
    granted = told(post(browser(WANG_MIN), f"{path}/approve", {"approval": {"text": "同意"}}))
    assert granted["state"] == "granted"
    listed = told(browser(ZHOU_HANG).get("/api/v1/grants", {"side": "consumer"}))
    assert [row["id"] for row in listed["rows"]] == [granted["grant"]]  # type: ignore[attr-defined]
    assert told(browser(ZHAO_JING).get("/api/v1/grants"))["rows"] == []
    refused(browser(ZHAO_JING).get(f"/api/v1/grants/{granted['grant']}"), 404, "no-such-grant")


def test_a_refusal_without_its_basis_is_told_and_a_second_step_on_an_old_page_too(
    browser: Browser, source: SourceForm
) -> None:
    number = submitted(mounted(source))
    he, wang = browser(HE_QING), browser(WANG_MIN)
    accepted = told(post(he, f"requests/{number}/accept", {}))
    revision = accepted["revision"]
    assert isinstance(revision, int)
    refused(
        post(wang, f"requests/{number}/refuse", {"text": "不行", "revision": revision - 1}),
        409,
        "request-changed",
    )
    assert post(wang, f"requests/{number}/refuse", {"text": "不行"}).status_code in (409, 422)
    done = post(
        wang, f"requests/{number}/refuse", {"text": "不行", "basis": "某法第一条", "revision": revision}
    )
    assert told(done)["state"] == "refused"


def test_the_catalogue_is_searched_listed_to_the_last_and_shown(browser: Browser) -> None:
    codes = {published(f"企业登记信息{n}") for n in range(5)}
    zhao = browser(ZHAO_JING)
    assert told(zhao.get("/api/v1/resources", {"q": "企业"}))["total"] == 5
    found: list[str] = []
    after = ""
    while True:
        page = told(zhao.get("/api/v1/resources/all", {"q": "企业", "size": "2", "after": after}))
        found += [row["code"] for row in page["rows"]]  # type: ignore[attr-defined]
        after = str(page["next"])
        if not after:
            break
    assert found == sorted(codes)
    one = told(zhao.get(f"/api/v1/resources/{found[0]}"))
    assert len(one["items"]) == 6  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("path", "query"),
    [("needs", {"page": "0"}), ("needs", {"per_page": "101"}), ("needs", {"tab": "x"}), ("resources/all", {"size": "９"})],
)  # fmt: skip
def test_parameters_out_of_range_are_told(browser: Browser, path: str, query: dict[str, str]) -> None:
    found = refused(browser(WANG_MIN).get(f"/api/v1/{path}", query), 422, "api-query-wrong")
    assert found["name"] in query


@pytest.mark.parametrize("body", ["[]", "{", '{"need": 1}', '{"need": {}, "more": 1}', "\ud83d", "[" * 5000])
def test_a_body_of_another_form_is_told(browser: Browser, body: str) -> None:
    raw = body.encode("utf-8", "surrogatepass")
    answer = browser(WANG_MIN).generic("POST", "/api/v1/needs", raw, content_type="application/json")
    refused(answer, 422, "api-body-wrong")


def test_a_call_that_another_site_could_make_is_refused(browser: Browser) -> None:
    wang = browser(WANG_MIN)
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        plain = wang.generic("POST", "/api/v1/needs", "{}", content_type=kind)
        refused(plain, 415, "api-media-type-wrong")
    for name, value in (
        ("Origin", "https://evil.example"), ("Origin", "null"), ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Site", "same-site"),
    ):  # fmt: skip
        refused(post(wang, "needs", {"need": NEED}, **{name: value}), 403, "api-origin-strange")
    assert post(wang, "needs", {"need": NEED}, Origin="http://testserver").status_code == 201


def test_strange_addresses_methods_and_sizes_are_told(browser: Browser) -> None:
    wang = browser(WANG_MIN)
    refused(wang.get("/api/v1/nothing/at/all"), 404, "api-path-unknown")
    wrong = wang.delete("/api/v1/needs")
    refused(wrong, 405, "api-method-wrong")
    assert wrong.headers["Allow"] == "GET, POST"
    refused(post(wang, "needs", " " * (LARGEST + 1)), 413, "api-body-large")


def test_what_nobody_foresaw_is_a_problem_without_its_reason(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("110101199003070011")

    monkeypatch.setattr(demand, "needs", broken)
    answer = browser(WANG_MIN).get("/api/v1/needs")
    assert refused(answer, 500, "unexpected")
    assert "1101" not in answer.content.decode()


def test_the_description_names_every_operation_with_its_forms(browser: Browser) -> None:
    page = browser(None).get("/api/v1/openapi.json")
    document = told(page)
    validate(document)
    named = {
        operation["operationId"]
        for place in document["paths"].values()  # type: ignore[attr-defined]
        for operation in place.values()
    }
    assert named == {one.name for one in OPERATIONS}
    schemas = document["components"]["schemas"]  # type: ignore[index]
    for reference in set(page.content.decode().split('"$ref":"#/components/schemas/')[1:]):
        assert reference.split('"')[0] in schemas


def test_answers_are_kept_by_no_cache(browser: Browser) -> None:
    for who in (WANG_MIN, None):
        answer = browser(who).get("/api/v1/needs")
        assert answer.headers["Cache-Control"] == "private, no-store"


def test_somebody_with_two_offices_still_acts_as_what_they_are(browser: Browser) -> None:
    both: Actor = replace(HE_QING, roles=frozenset({"reviewer", "data_officer"}))
    made = told(post(browser(both), "needs", {"need": NEED}))
    path = f"needs/{made['id']}"
    post(browser(both), f"{path}/submit", {})
    refused(post(browser(both), f"{path}/decline", {"ground": "nobody", "text": "没有"}), 409, "need-own")
