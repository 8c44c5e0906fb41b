"""A table job under a grant of another node, on pages and by the interface's form: for the agency that holds it alone."""

from __future__ import annotations

from datetime import UTC, datetime
from html import unescape

import msgspec
import pytest
from django.db import connection
from django.utils import timezone

from tests.portal.conftest import Browser
from tests.portal.test_beyond import CODE, ENTRY, GRANT, city, heard
from tests.store.exchange.cast import AUDITOR, PROVIDER, WANG_MIN, ZHAO_JING, ZHOU_HANG, wish
from yiwang.blocks.cascade import public as cascade
from yiwang.blocks.cascade.domain.bodies import GrantBody
from yiwang.blocks.delivery import public as delivery
from yiwang.blocks.delivery.store import models
from yiwang.blocks.delivery.store.sealing import seal_password
from yiwang.blocks.exchange.public import SYSTEM, Delivery
from yiwang.blocks.identity import public as identity
from yiwang.blocks.identity.public import acting
from yiwang.bootstrap.beyond_tables import OtherNodes
from yiwang.vocabulary.forms import Problem

__all__ = ["city"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("node")]
NUMBER = "G-8"
NAME = f"{NUMBER}@nation"
TABLE = GRANT | {
    "id": NUMBER, "modes": ["table"], "fields": [{"name": "信用代码"}, {"name": "名称", "mask": "name"}], "predicates": [],
    "required": [], "ways": ["full", "incremental"], "frequency": "daily",
}  # fmt: skip
FORM = {
    "name": "国家登记", "target": "T-1", "table": "public.dj", "mode": "full", "check": "none", "when": "manual", "priority": "5",
    "do": "make",
}  # fmt: skip


def told(number: str, state: str = "active", **changed: object) -> None:
    grant = msgspec.json.encode(TABLE | changed).decode()
    body = GrantBody(state, grant, "全国登记", PROVIDER, "总局", number)
    heard("nation", "grant", NUMBER, body, "lanzhou")


@pytest.fixture
def request_number(city: None) -> str:
    """A request for a whole table that was granted, and a database of the agency."""
    heard("nation", "entry", CODE, msgspec.structs.replace(ENTRY, modes=("query", "table")))
    asked = wish(fields=("信用代码", "名称"), modes=("query",), claims=())
    with acting(SYSTEM):
        models.Target.objects.create(
            id="T-1", agency=ZHOU_HANG.agency, agency_name=ZHOU_HANG.agency_name, name="前置库", server="postgresql",
            host="127.0.0.1", port=1, database="x", user="x", sealed_password=seal_password("T-1", "x"),
            created_at=timezone.now(), created_by="周航",
        )  # fmt: skip
    number = cascade.ask(ZHOU_HANG, "nation", CODE, asked, timezone.now())
    told(number)
    delivery.use_beyond(OtherNodes())
    return number


def test_a_job_is_made_on_pages_under_a_grant_of_another_node(browser: Browser, request_number: str) -> None:
    del request_number
    officer = browser(ZHOU_HANG)
    listed = officer.get("/jobs/").content.decode()
    assert f"/jobs/new/?grant={NUMBER}%40nation" in listed
    page = f"/jobs/new/?grant={NUMBER}%40nation"
    shown = unescape(officer.get(page).content.decode())
    assert "从其他节点取表" in shown
    assert "节点nation" in shown
    assert "不能从其他节点捕获变更" in shown, "what there is instead is said before anybody looks for it"
    for absent in ('value="cdc"', 'value="diff"', 'value="resource"', '<option value="名称"'):
        assert absent not in shown
    assert '<option value="信用代码"' in shown
    assert "Read at another node" in browser(ZHOU_HANG, "en").get(page).content.decode()
    wrong = officer.post(page, FORM | {"table": "x; DROP TABLE y"})
    assert wrong.status_code == 422
    made = officer.post(page, FORM)
    assert made.status_code == 302
    (job,) = delivery.jobs(ZHOU_HANG).rows
    assert (job.grant, job.owner, job.resource) == (NUMBER, "nation", f"{CODE}@nation")
    there = unescape(officer.get(made["Location"]).content.decode())
    assert "由节点nation授予" in there
    assert "/share/nodes/requests/" in there
    assert "国家登记" in officer.get("/jobs/").content.decode()
    assert "由节点nation授予" in unescape(browser(AUDITOR).get(made["Location"]).content.decode())
    clients = {one.kind for one in identity.clients(ZHOU_HANG, datetime.now(UTC))}
    assert "jobs" in clients, "its officer sees who signs, and may suspend it"


def test_a_grant_that_asks_for_a_case_number_has_a_box_for_it(browser: Browser, request_number: str) -> None:
    new = f"/jobs/new/?grant={NUMBER}%40nation"
    officer = browser(ZHOU_HANG, "en")
    assert 'name="case"' not in officer.get(new).content.decode()
    told(request_number, case_required=True, version=2)
    for language, words in (("zh-hans", "办件编号"), ("en", "Case number")):
        page = unescape(browser(ZHOU_HANG, language).get(new).content.decode())
        assert (words in page, 'name="case"' in page) == (True, True)
    for wrong, why in (
        ({}, "required"),
        ({"case": "a;b"}, "without semicolons"),
        ({"case": "x" * 101}, "100"),
    ):
        answer = officer.post(new, FORM | wrong)
        assert (answer.status_code, why in unescape(answer.content.decode())) == (422, True), wrong
    made = officer.post(new, FORM | {"case": "DB-〔2026〕7"})
    assert made.status_code == 302
    (job,) = delivery.jobs(ZHOU_HANG).rows
    assert job.case == "DB-〔2026〕7"
    assert "DB-〔2026〕7" in officer.get(made["Location"]).content.decode()
    change = f"/jobs/{job.id}/change/"
    assert 'value="DB-〔2026〕7"' in unescape(officer.get(change).content.decode())
    assert officer.post(change, FORM | {"case": "a;b"}).status_code == 422
    assert officer.post(change, FORM | {"case": "DB-8"}).status_code == 302
    assert delivery.job(ZHOU_HANG, job.id).row.case == "DB-8"


def test_nobody_else_sees_the_grant_or_the_job(browser: Browser, request_number: str) -> None:
    del request_number
    page = f"/jobs/new/?grant={NUMBER}%40nation"
    made = browser(ZHOU_HANG).post(page, FORM)
    for outsider in (ZHAO_JING, WANG_MIN):
        other = browser(outsider)
        assert other.get(page).status_code == 404
        assert other.post(page, FORM).status_code in (403, 404)
        assert other.get(made["Location"]).status_code == 404
        assert "国家登记" not in other.get("/jobs/").content.decode()
    for unknown in ("G-9%40nation", f"{NUMBER}%40gansu", f"{NUMBER}%40", NUMBER):
        assert browser(ZHOU_HANG).get(f"/jobs/new/?grant={unknown}").status_code == 404


def test_a_grant_that_is_over_or_a_suspended_signer_makes_no_job(
    browser: Browser, request_number: str
) -> None:
    officer, page = browser(ZHOU_HANG, "en"), f"/jobs/new/?grant={NUMBER}%40nation"
    client, _ = identity.jobs_key(ZHOU_HANG.agency, now=timezone.now())
    _stand(client, "suspended")
    assert officer.post(page, FORM).status_code == 422
    _stand(client, "active")
    assert [one.where for one in _problems(mode="cdc", check="resource")] == ["mode", "check"]
    assert {one.where for one in _problems(cron="*/5 * * * *")} == {"cron"}
    told(request_number, "revoked")
    assert officer.post(page, FORM).status_code == 422
    assert NAME not in officer.get("/jobs/").content.decode()
    assert delivery.jobs(ZHOU_HANG).rows == ()


def test_capture_over_nodes_is_refused_at_once_with_what_there_is_instead(
    browser: Browser, request_number: str
) -> None:
    del request_number
    (problem,) = _problems(mode="cdc", follow=True)
    assert problem.where == "mode"
    for word in ("incremental", "diff"):
        assert word in problem.zh
        assert word in problem.en
    job = {"grant": NAME, "target": "T-1", "name": "x", "table": "t", "mode": "cdc"}
    answer = browser(ZHOU_HANG).post("/api/v1/jobs", {"job": job}, content_type="application/json")
    assert answer.status_code == 422
    assert [one["where"] for one in answer.json()["problems"]] == ["mode"]
    assert answer.json()["problems"][0]["en"] == problem.en
    page = f"/jobs/new/?grant={NUMBER}%40nation"
    assert browser(ZHOU_HANG).post(page, FORM | {"mode": "cdc"}).status_code == 422
    assert delivery.jobs(ZHOU_HANG).rows == ()


def test_changes_are_not_offered_where_another_node_is_asked_and_not_asked_for(
    browser: Browser, city: None
) -> None:
    heard("nation", "entry", CODE, msgspec.structs.replace(ENTRY, modes=("query", "table")))
    page = f"/share/nodes/nation/{CODE}/"
    for language, said in (("zh-hans", "变更随变随送不能跨节点"), ("en", "cannot be had from another node")):
        shown = unescape(browser(ZHOU_HANG, language).get(page).content.decode())
        assert said in shown
        assert 'value="changes"' not in shown
        assert 'value="incremental"' in shown
    wanted = wish(
        fields=("信用代码", "名称"),
        modes=("table",),
        lookups=(),
        claims=(),
        delivery=Delivery(("full", "changes"), "daily"),
    )
    with pytest.raises(cascade.AskingInvalid) as wrong:
        cascade.ask(ZHOU_HANG, "nation", CODE, wanted, timezone.now())
    assert [one.where for one in wrong.value.problems] == ["ways"]


def _problems(**changed: str | bool) -> tuple[Problem, ...]:
    form = delivery.JobForm(NAME, "T-1", "x", "t", **changed)  # type: ignore[arg-type]
    with pytest.raises(delivery.DeliveryInvalid) as wrong:
        delivery.create_job(ZHOU_HANG, form, timezone.now())
    return tuple(wrong.value.problems)


def _stand(client: str, state: str) -> None:
    """As its officer suspends and resumes it on a page."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE identity_client_application SET state = %s WHERE id = %s", [state, client])
