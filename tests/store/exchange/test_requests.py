"""From asking to granted, refused, renewed and revoked, with what each side is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest
from django.db import connection

from tests.store.exchange.cast import (
    CLERK,
    CONSUMER,
    HE_QING,
    NOW,
    WANG_MIN,
    ZHAO_JING,
    ZHOU_HANG,
    deciding,
    granted,
    mounted,
    published,
    submitted,
    wish,
)
from yiwang.blocks.catalogue import public as catalogue
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.domain import errors
from yiwang.blocks.exchange.domain.compiled import CompiledGrant, GrantedField
from yiwang.blocks.exchange.public import Approval, LookupForm, RowCondition, SourceForm
from yiwang.blocks.exchange.store.models import CompiledGrantRow, Grant, Request, Step
from yiwang.blocks.identity.public import Actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def code(source: SourceForm) -> str:
    return mounted(source)


def compiled(grant_id: str) -> tuple[str, CompiledGrant]:
    row = CompiledGrantRow.objects.get(pk=grant_id)
    return row.state, msgspec.json.decode(row.doc, type=CompiledGrant)


def events() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT entry FROM journal_outbox ORDER BY id")
        return [msgspec.json.decode(row[0])["event"] for row in cursor.fetchall()]


def kinds(actor: Actor) -> list[str]:
    return [notice.kind for notice in exchange.notices(actor).rows]


def test_the_whole_way_to_a_grant(code: str) -> None:
    number = exchange.create_request(ZHOU_HANG, code, wish(), NOW)
    assert number == "R-2026-000001"
    exchange.submit_request(ZHOU_HANG, number, NOW)
    assert [row.id for row in exchange.review_queue(HE_QING, NOW).rows] == [number]
    assert kinds(HE_QING) == ["request-submitted"]
    assert exchange.accept_request(HE_QING, number, NOW, text="要件齐全") is None
    assert [row.id for row in exchange.decision_queue(WANG_MIN, NOW).rows] == [number]
    grant_id = exchange.approve_request(WANG_MIN, number, Approval(text="同意"), NOW)
    assert grant_id == "G-2026-000001"
    state, grant = compiled(grant_id)
    assert state == "active"
    assert grant.consumer == CONSUMER
    assert grant.required == ("信用代码",)
    assert grant.purposes == ("item:1001",)
    assert {field.name: field.mask for field in grant.fields} == {
        "信用代码": None, "名称": None, "法人": "name", "电话": "hidden",
    }  # fmt: skip
    assert grant.not_after - grant.not_before == 365 * 86400
    view = exchange.request(ZHOU_HANG, number, NOW)
    assert [step.step for step in view.steps] == ["created", "submitted", "accepted", "granted"]
    assert (view.state, view.grant, view.due) == ("granted", grant_id, None)
    assert "grant-issued" in kinds(ZHOU_HANG)
    assert events()[-2:] == ["request-granted", "grant-issued"] or events()[-2:] == [
        "grant-issued",
        "request-granted",
    ]
    entry = exchange.resource_entry(WANG_MIN, code, NOW)
    assert [use.consumer for use in entry.uses] == [CONSUMER]


def test_the_deadline_runs_from_review_to_decision(code: str) -> None:
    number = submitted(code)
    due = exchange.request(ZHOU_HANG, number, NOW).due
    assert due is not None
    assert (due.total, due.remaining, due.rule, due.at.date().isoformat()) == (2, 2, "review", "2026-11-24")
    assert "政务数据共享条例" in due.rule_source_zh
    exchange.accept_request(HE_QING, number, NOW)
    view = exchange.request(WANG_MIN, number, NOW + timedelta(days=3))
    assert view.due is not None
    assert (view.due.total, view.due.remaining, view.due.at.date().isoformat()) == (10, 9, "2026-12-04")
    assert [day.number for day in view.days if day.working] == list(range(1, 11))
    exchange.extend_request(WANG_MIN, number, "需会商", "局长 刘洋", NOW)
    later = exchange.request(ZHOU_HANG, number, NOW).due
    assert later is not None
    assert (later.total, later.extended, later.at.date().isoformat()) == (20, True, "2026-12-18")


def test_unconditional_data_is_granted_by_formal_review_alone(source: SourceForm) -> None:
    code = mounted(source, share_type="unconditional")
    number = submitted(code)
    due = exchange.request(ZHOU_HANG, number, NOW).due
    assert due is not None
    assert due.total == 1
    grant_id = exchange.accept_request(HE_QING, number, NOW)
    assert grant_id is not None
    assert compiled(grant_id)[0] == "active"
    assert "request-granted" in kinds(WANG_MIN)


def test_a_node_may_review_unconditional_data_automatically(
    source: SourceForm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YW_AUTOMATIC_REVIEW", "1")
    number = submitted(mounted(source, share_type="unconditional"))
    view = exchange.request(ZHOU_HANG, number, NOW)
    assert view.state == "granted"
    assert [(step.step, step.person) for step in view.steps][-2:] == [
        ("accepted", "平台"),
        ("granted", "平台"),
    ]


def test_a_returned_request_is_corrected_and_handed_in_again(code: str) -> None:
    number = submitted(code)
    exchange.return_request(HE_QING, number, "去掉电话", NOW)
    form = exchange.request_form(ZHOU_HANG, code, NOW, request_id=number)
    assert (form.note, form.request) == ("去掉电话", number)
    exchange.edit_request(ZHOU_HANG, number, wish(fields=("名称",)), NOW)
    exchange.submit_request(ZHOU_HANG, number, NOW)
    view = exchange.request(ZHOU_HANG, number, NOW)
    assert (view.state, view.answer, view.field_count) == ("submitted", "", 1)


def test_the_provider_narrows_and_lifts_a_mask_with_a_reason(code: str) -> None:
    number = deciding(code)
    asked = exchange.request(WANG_MIN, number, NOW).terms
    narrow = msgspec.structs.replace(
        asked, fields=(GrantedField("名称"), GrantedField("法人")), claims=("名称",), calls_per_day=10
    )
    with pytest.raises(errors.MaskReasonMissing):
        exchange.approve_request(WANG_MIN, number, Approval(terms=narrow), NOW)
    grant_id = exchange.approve_request(
        WANG_MIN, number, Approval(terms=narrow, mask_reason="须核对法定代表人全名"), NOW
    )
    grant = compiled(grant_id)[1]
    assert (grant.calls_per_day, [field.mask for field in grant.fields]) == (10, [None, None])
    wider = msgspec.structs.replace(asked, calls_per_day=10_000)
    with pytest.raises(errors.GrantWider):
        exchange.approve_request(WANG_MIN, deciding(code), Approval(terms=wider), NOW)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"fields": (), "modes": ("query",)}, "fields"),
        ({"fields": (GrantedField("名称", "blur"),)}, "fields"),
        ({"claims": ()}, "claims"),
        ({"predicates": ()}, "lookups"),
        ({"rows": (RowCondition("没有", "eq", "x"),)}, "rows.0.name"),
        ({"hours": (600, 500)}, "hours"),
        ({"attempts_per_subject": 0}, "attempts_per_subject"),
    ],
)
def test_a_decision_that_could_not_be_used_is_told_where(
    code: str, change: dict[str, object], where: str
) -> None:
    number = deciding(code)
    terms = msgspec.structs.replace(exchange.request(WANG_MIN, number, NOW).terms, **change)
    with pytest.raises(errors.FormInvalid) as caught:
        exchange.approve_request(WANG_MIN, number, Approval(terms=terms), NOW)
    assert where in [problem.where for problem in caught.value.problems]
    assert not Grant.objects.exists()


def test_a_refusal_names_its_basis_to_the_consumer(code: str) -> None:
    number = deciding(code)
    with pytest.raises(errors.RefusalWithoutBasis):
        exchange.refuse_request(WANG_MIN, number, "不便提供", "", NOW)
    assert exchange.request(WANG_MIN, number, NOW).state == "deciding"
    exchange.refuse_request(WANG_MIN, number, "超出职责", "个人信息保护法第六条", NOW)
    view = exchange.request(ZHOU_HANG, number, NOW)
    assert (view.state, view.answer, view.answer_basis) == ("refused", "超出职责", "个人信息保护法第六条")
    assert not Grant.objects.exists()


def test_who_comes_second_is_told_by_whom_it_was_decided(code: str) -> None:
    number = deciding(code)
    colleague = replace(WANG_MIN, user_id=11, name="郑二", roles=frozenset({"approver"}))
    seen = exchange.request(colleague, number, NOW).revision
    exchange.approve_request(WANG_MIN, number, Approval(), NOW)
    with pytest.raises(errors.RequestChanged) as changed:
        exchange.refuse_request(colleague, number, "x", "y", NOW, seen=seen)
    assert changed.value.facts["person"] == "王敏"
    with pytest.raises(errors.RequestStateWrong) as wrong:
        exchange.refuse_request(colleague, number, "x", "y", NOW)
    assert "王敏" in wrong.value.text("zh")


def test_a_revoked_grant_is_compiled_as_revoked_and_cannot_be_revoked_again(code: str) -> None:
    grant_id = granted(code)
    before = CompiledGrantRow.objects.get(pk=grant_id).epoch
    exchange.revoke_grant(WANG_MIN, grant_id, "用途不再存在", NOW)
    after = CompiledGrantRow.objects.get(pk=grant_id)
    assert (after.state, after.epoch > before, compiled(grant_id)[1].version) == ("revoked", True, 2)
    with pytest.raises(errors.GrantStateWrong):
        exchange.revoke_grant(WANG_MIN, grant_id, "再来", NOW)
    assert "grant-revoked" in kinds(ZHOU_HANG)
    assert "grant-revoked" in events()
    assert [step.step for step in exchange.grant(ZHOU_HANG, grant_id, NOW).steps] == ["issued", "revoked"]


def test_a_grant_is_suspended_and_resumed(code: str) -> None:
    grant_id = granted(code)
    exchange.suspend_grant(HE_QING, grant_id, "异常调用", NOW)
    assert compiled(grant_id)[0] == "suspended"
    assert "grant-suspended" in kinds(WANG_MIN)
    exchange.resume_grant(WANG_MIN, grant_id, NOW)
    assert compiled(grant_id)[0] == "active"


def test_a_renewal_is_a_new_request_with_the_old_terms(code: str) -> None:
    grant_id = granted(code, calls_per_day=77)
    with pytest.raises(errors.NotAllowed):
        exchange.renew_grant(WANG_MIN, grant_id, NOW)
    number = exchange.renew_grant(ZHOU_HANG, grant_id, NOW)
    view = exchange.request(ZHOU_HANG, number, NOW)
    assert (view.renews, view.terms.calls_per_day, view.state) == (grant_id, 77, "draft")


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"fields": ("资本",)}, "fields"),
        ({"lookups": (LookupForm("名称"),)}, "lookups"),
        ({"purposes": ()}, "purposes"),
        ({"days": 400}, "days"),
    ],
)
def test_a_request_with_mistakes_is_not_saved(code: str, change: dict[str, object], where: str) -> None:
    with pytest.raises(errors.FormInvalid) as caught:
        exchange.create_request(ZHOU_HANG, code, wish(**change), NOW)
    assert where in [problem.where for problem in caught.value.problems]
    assert not Request.objects.exists()


def test_what_cannot_be_asked_for(source: SourceForm, code: str) -> None:
    with pytest.raises(errors.OwnResource):
        exchange.create_request(WANG_MIN, code, wish(), NOW)
    with pytest.raises(errors.NotAllowed):
        exchange.create_request(CLERK, code, wish(), NOW)
    with pytest.raises(errors.NotMounted):
        exchange.create_request(ZHOU_HANG, published("未挂接"), wish(), NOW)
    with pytest.raises(errors.NotShared):
        exchange.create_request(ZHOU_HANG, mounted(source, "不共享", "none"), wish(), NOW)
    with pytest.raises(catalogue.ResourceUnknown):
        exchange.create_request(ZHOU_HANG, "306001003/999", wish(), NOW)


def test_a_draft_for_items_no_longer_served_is_not_handed_in(code: str) -> None:
    number = exchange.create_request(ZHOU_HANG, code, wish(), NOW)
    mount = exchange.mounts(WANG_MIN)[0]
    form = exchange.mount(WANG_MIN, mount.id)
    from yiwang.blocks.exchange.public import MountForm

    fewer = tuple(column for column in form.columns if column.item != "电话")
    exchange.change_mount(
        WANG_MIN, mount.id, MountForm(code, mount.source, mount.schema, mount.relation, fewer, form.key), NOW
    )
    with pytest.raises(errors.FormInvalid):
        exchange.submit_request(ZHOU_HANG, number, NOW)


def test_the_ledger_can_only_grow(code: str) -> None:
    submitted(code)
    from django.db import DatabaseError, transaction

    for statement in ("UPDATE exchange_step SET text = 'x'", "DELETE FROM exchange_step"):
        with (
            pytest.raises(DatabaseError),
            transaction.atomic(),
            connection.cursor() as c,
        ):
            c.execute(statement)
    assert Step.objects.filter(text="x").count() == 0
    assert Step.objects.count() == 2


def test_withdrawing_a_resource_stops_its_service_and_tells_its_users(code: str) -> None:
    from yiwang.blocks.exchange.store.models import CompiledResourceRow

    granted(code)
    exchange.withdraw_resource(WANG_MIN, code, "职能调整", NOW)
    assert CompiledResourceRow.objects.get(pk=code).state == "withdrawn"
    assert kinds(ZHOU_HANG)[0] == "resource-withdrawn"
    assert exchange.grants(ZHOU_HANG)[0].resource_title == "企业登记信息"


def test_a_new_edition_reaches_the_gateway_and_narrowing_is_told(code: str) -> None:
    from yiwang.blocks.exchange.store.models import CompiledResourceRow

    granted(code)
    draft = catalogue.draft(WANG_MIN, code)
    catalogue.edit_resource(WANG_MIN, code, replace(draft, items=draft.items[:3]), NOW)
    assert exchange.publish_resource(WANG_MIN, code, NOW, "取消电话") == 2
    row = CompiledResourceRow.objects.get(pk=code)
    assert '"version":2' in row.doc
    assert "电话" not in row.doc
    assert kinds(ZHOU_HANG)[0] == "resource-narrowed"


def test_notices_are_read_by_each_person_for_themselves(code: str) -> None:
    submitted(code)
    other = replace(HE_QING, user_id=55, name="另一位")
    page = exchange.notices(HE_QING)
    assert (page.unread, page.rows[0].params["consumer"], page.rows[0].link) == (
        1,
        "市民政局",
        "request:R-2026-000001",
    )
    exchange.read_notice(HE_QING, page.rows[0].id, NOW)
    exchange.read_notice(HE_QING, page.rows[0].id, NOW)
    assert (exchange.unread_count(HE_QING), exchange.unread_count(other)) == (0, 1)
    assert exchange.read_all_notices(other, NOW) == 1
    with pytest.raises(errors.NoticeUnknown):
        exchange.read_notice(ZHAO_JING, page.rows[0].id, NOW)
