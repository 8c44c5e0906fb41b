"""What a grant allows, term by term."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.unit.gateway.cases import CODE, ITEM, NOON, PERSON, grant, laid
from yiwang.blocks.exchange.domain.compiled import CompiledGrant, GrantedField, RowCondition
from yiwang.gateway import policy
from yiwang.gateway import refusals as r
from yiwang.gateway.held import HeldGrant
from yiwang.vocabulary.envelope import Purpose

TODAY = date(2026, 11, 21)
FOR_ITEM = Purpose.parse(ITEM)


def check(
    purpose: Purpose = FOR_ITEM,
    now: int = NOON,
    zone: str = "extranet",
    mode: policy.Mode = "query",
    workday: bool = True,
    **changed: Any,
) -> None:
    policy.check_grant(
        laid(**changed), mode, purpose, now=now, zone=zone, clock=ZoneInfo("Asia/Shanghai"),
        is_workday=lambda day: workday,
    )  # fmt: skip


def ask(where: dict[str, object], **more: Any) -> policy.QueryPlan:
    changed = more.pop("changed", {})
    return policy.plan_query(laid(**changed), policy.QueryBody(where=where, **more), TODAY)


def claim(subject: dict[str, object], claims: dict[str, object], **changed: Any) -> policy.VerifyPlan:
    return policy.plan_verify(laid(**changed), policy.VerifyBody(subject, claims), TODAY)


def held(state: str = "active", **changed: Any) -> HeldGrant:
    return HeldGrant(grant(**changed), 1, state, None)


def choose(*candidates: HeldGrant, asked: str | None = None, purpose: Purpose = FOR_ITEM) -> CompiledGrant:
    return policy.choose(candidates, asked, purpose, mode="query", resource=CODE, now=NOON).grant


def test_a_call_within_every_term_is_allowed() -> None:
    check()
    check(
        hours=(0, 24 * 60),
        workdays_only=True,
        case_required=True,
        purpose=Purpose.parse(f"{ITEM};case=2026-1"),
    )


@pytest.mark.parametrize(
    ("expected", "changed"),
    [
        (r.GrantNotYet, {"now": NOON - 2000}),
        (r.GrantExpired, {"now": NOON + 1000}),
        (r.WrongZone, {"zone": "intranet"}),
        (r.ModeNotGranted, {"mode": "verify", "modes": ("query",)}),
        (r.PurposeNotAllowed, {"purpose": Purpose.parse("item:other")}),
        (r.PurposeNotAllowed, {"purpose": Purpose.parse("evidence:own")}),
        (r.CaseRequired, {"case_required": True}),
        (r.OutsideHours, {"hours": (8 * 60, 12 * 60)}),
        (r.OutsideHours, {"hours": (22 * 60, 6 * 60)}),
        (r.NotAWorkday, {"workdays_only": True, "workday": False}),
    ],
)
def test_each_term_that_does_not_hold_has_its_own_refusal(
    expected: type[r.Refusal], changed: dict[str, Any]
) -> None:
    with pytest.raises(expected):
        check(**changed)


def test_hours_may_span_midnight() -> None:
    check(hours=(11 * 60, 2 * 60))


def test_the_only_grant_of_an_agency_is_chosen_whatever_its_state() -> None:
    assert choose(held("revoked")).id == "G-2026-000001"


def test_of_several_grants_the_one_that_allows_the_purpose_is_chosen() -> None:
    other = held(id="G-2", purposes=("item:other",))
    assert choose(other, held()).id == "G-2026-000001"
    assert choose(other, held("revoked"), purpose=Purpose.parse("item:third")).id == "G-2"


def test_of_several_grants_out_of_force_the_latest_for_the_purpose_explains() -> None:
    old = held(id="G-1", not_before=1, not_after=2)
    late = held(id="G-2", not_before=3, not_after=4)
    assert choose(old, late).id == "G-2"


def test_two_grants_for_one_purpose_must_be_told_apart() -> None:
    with pytest.raises(r.GrantAmbiguous) as refused:
        choose(held(), held(id="G-2"))
    assert refused.value.facts["grants"] == ["G-2", "G-2026-000001"]
    assert choose(held(), held(id="G-2"), asked="G-2").id == "G-2"


def test_a_grant_for_another_kind_of_call_needs_no_telling_apart() -> None:
    table = held(id="G-1", modes=("table", "changes"))
    assert choose(table, held()).id == "G-2026-000001"
    assert choose(table, held(id="G-2", modes=("verify",))).id == "G-1", "one of them says what it allows"
    with pytest.raises(r.GrantAmbiguous):
        policy.choose((table, held()), None, FOR_ITEM, mode=None, resource=CODE, now=NOON)


def test_strangers_get_one_answer_for_unknown_and_for_not_granted() -> None:
    with pytest.raises(r.ResourceNotFound):
        choose()
    with pytest.raises(r.GrantNotYours):
        choose(asked="G-2026-000001")
    with pytest.raises(r.GrantNotYours):
        choose(held(), asked="G-9")


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("revoked", r.GrantRevoked),
        ("withdrawn", r.GrantRevoked),
        ("suspended", r.GrantSuspended),
        ("expired", r.GrantExpired),
    ],
)
def test_a_grant_that_is_not_active_says_why(state: str, expected: type[r.Refusal]) -> None:
    policy.check_state(grant(), "active")
    with pytest.raises(expected):
        policy.check_state(grant(), state)


def test_fields_default_to_all_that_the_grant_lets_out_with_their_masks() -> None:
    plan = ask({"身份号码": PERSON})
    assert [(o.field.name, o.mask is not None) for o in plan.outputs] == [
        ("身份号码", True), ("姓名", False), ("出生日期", False)
    ]  # fmt: skip
    assert [o.field.name for o in ask({"身份号码": PERSON}, fields=["姓名", "姓名"]).outputs] == ["姓名"]


@pytest.mark.parametrize("fields", [["收入"], ["没有"], []])
def test_a_field_not_let_out_is_refused_and_an_unknown_one_alike(fields: list[str]) -> None:
    with pytest.raises(r.FieldNotGranted):
        ask({"身份号码": PERSON}, fields=fields)


@pytest.mark.parametrize("name", ["姓名", "没有"])
def test_a_condition_on_a_field_not_allowed_is_refused(name: str) -> None:
    with pytest.raises(r.PredicateNotAllowed):
        ask({"身份号码": PERSON, name: "x"})


@pytest.mark.parametrize(
    "condition", [{"prefix": "1101"}, {"gte": "1"}, {"like": "%"}, {"eq": "x", "gte": "x"}]
)
def test_an_operator_not_allowed_on_the_field_is_refused(condition: dict[str, str]) -> None:
    with pytest.raises((r.OperatorNotAllowed, r.CheckDigitWrong)):
        ask({"身份号码": condition})


@pytest.mark.parametrize(
    "where", [{}, {"区划": "290100"}, {"区划": {"prefix": "29"}}, {"出生日期": {"gte": "1900-01-01"}}]
)
def test_a_condition_that_names_no_key_is_harvesting(where: dict[str, object]) -> None:
    with pytest.raises(r.WhereTooWide):
        ask(where)


def test_where_no_field_is_required_persons_still_need_an_exact_value() -> None:
    free = {"required": ()}
    with pytest.raises(r.WhereTooWide):
        ask({}, changed=free)
    with pytest.raises(r.WhereTooWide):
        ask({"区划": {"prefix": "29"}}, changed=free)
    ask({"区划": "290100"}, changed=free)


def test_the_in_list_is_bounded_and_repetitions_count_once() -> None:
    assert len(ask({"身份号码": {"in": [PERSON, PERSON.lower()]}}).where[0].value) == 1  # type: ignore[arg-type]
    with pytest.raises(r.ListTooLong):
        ask({"身份号码": {"in": [PERSON] * 51}})
    for nothing in (list[str](), PERSON, None):
        with pytest.raises(r.ValueInvalid):
            ask({"身份号码": {"in": nothing}})


@pytest.mark.parametrize("number", ["110105194912310021", "11010519491231002", "x", "110105299912310021"])
def test_a_number_that_cannot_exist_is_refused_before_it_is_looked_up(number: str) -> None:
    with pytest.raises(r.CheckDigitWrong) as refused:
        ask({"身份号码": number})
    assert number not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("户号", "x"), ("户号", 1.5), ("户号", True), ("户号", 2**31), ("户号", None), ("户号", [1]), ("户号", {}),
        ("出生日期", {"gte": "1949-13-01"}), ("出生日期", {"gte": 1949}), ("区划", 1), ("区划", "a\0"), ("区划", "\ud800"),
        ("区划", {"prefix": ""}), ("身份号码", ["x"]),
    ],
)  # fmt: skip
def test_a_value_that_does_not_fit_its_field_is_refused(name: str, value: object) -> None:
    with pytest.raises(r.ValueInvalid):
        ask({"身份号码": PERSON} | {name: value})


def test_rows_are_bounded_by_the_grant_and_for_persons_by_the_evidence() -> None:
    assert ask({"身份号码": PERSON}).limit == 50
    assert ask({"身份号码": PERSON}, limit=3).limit == 3
    with pytest.raises(r.RowsTooMany):
        ask({"身份号码": PERSON}, limit=51)
    with pytest.raises(r.ValueInvalid):
        ask({"身份号码": PERSON}, limit=0)
    assert ask({"身份号码": PERSON}, changed={"rows_per_call": 5000}).limit == policy.PERSONS_PER_CALL


def test_a_verification_compares_only_granted_claims_about_an_exact_subject() -> None:
    plan = claim({"身份号码": PERSON}, {"姓名": "王敏", "收入": "12.50"})
    assert [(field.name, said) for field, said in plan.claims] == [("姓名", "王敏"), ("收入", "12.5")]
    with pytest.raises(r.ClaimNotGranted):
        claim({"身份号码": PERSON}, {"出生日期": "1949-12-31"})
    with pytest.raises(r.ValueInvalid):
        claim({"身份号码": {"in": [PERSON]}}, {"姓名": "王敏"})
    with pytest.raises(r.WhereTooWide):
        claim({"户号": 5}, {"姓名": "王敏"})
    for subject, claims in (({}, {"姓名": "x"}), ({"身份号码": PERSON}, {})):
        with pytest.raises(r.SubjectMissing):
            claim(subject, claims)  # type: ignore[arg-type]
    with pytest.raises(r.ValueInvalid):
        claim({"身份号码": PERSON}, {"收入": "much"})


def test_fixed_rows_are_typed_with_the_grant() -> None:
    fixed = laid(rows=(RowCondition("区划", "in", ("290100", "290200")), RowCondition("户号", "gte", 5)))
    assert [(c.operator, c.value) for c in fixed.rows] == [("in", ("290100", "290200")), ("gte", 5)]


@pytest.mark.parametrize(
    "changed",
    [
        {"fields": (GrantedField("没有"),)},
        {"fields": (GrantedField("姓名", "no-such-mask"),)},
        {"rows": (RowCondition("没有", "eq", 1),)},
        {"rows": (RowCondition("户号", "eq", "x"),)},
    ],
)
def test_a_grant_that_does_not_fit_its_resource_lets_nothing_out(changed: dict[str, Any]) -> None:
    from yiwang.gateway.terms import TermsBroken

    with pytest.raises(TermsBroken):
        laid(**changed)
