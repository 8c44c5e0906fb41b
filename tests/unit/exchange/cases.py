"""People and requests for tests of decisions."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from yiwang.blocks.exchange.domain.compiled import GrantedField, GrantedPredicate
from yiwang.blocks.exchange.domain.grant import Grant, GrantState
from yiwang.blocks.exchange.domain.request import Person, Request, RequestState
from yiwang.blocks.exchange.domain.terms import Purpose, Terms

PROVIDER, CONSUMER, OUTSIDE, BUREAU = (
    "11290100MB0000001A", "11290100MB0000002B", "11290100MB0000003C", "11290100MB0000004D",
)  # fmt: skip


def person(number: int, name: str, agency: str, *roles: str) -> Person:
    return Person(number, name, agency, agency, frozenset(roles))


WANG_MIN = person(1, "王敏", PROVIDER, "data_officer")
ZHOU_HANG = person(2, "周航", CONSUMER, "data_officer")
ZHAO_JING = person(3, "赵静", OUTSIDE, "data_officer", "approver")
HE_QING = person(4, "何青", BUREAU, "reviewer")
OPERATOR = person(5, "运维", BUREAU, "operator")

TERMS = Terms(
    modes=("query", "verify"),
    fields=(GrantedField("信用代码"), GrantedField("名称"), GrantedField("法定代表人", "name")),
    predicates=(GrantedPredicate("信用代码", ("eq", "in")), GrantedPredicate("名称", ("eq", "prefix"))),
    required=("信用代码",),
    purposes=(Purpose("item:1001", "低保审核"), Purpose("law:shehui-jiuzhu#58", "社会救助暂行办法")),
    claims=("名称",),
    case_required=True,
    hours=(480, 1200),
    workdays_only=True,
)


def request(
    state: RequestState = "draft", share_type: Literal["conditional", "unconditional"] = "conditional"
) -> Request:
    return Request("R-2026-000001", share_type, PROVIDER, CONSUMER, 2, state, TERMS)


def grant(state: GrantState = "active") -> Grant:
    return Grant("G-2026-000001", PROVIDER, CONSUMER, state, 1, 2_000_000_000)


def also(who: Person, *roles: str, agency: str | None = None) -> Person:
    return replace(who, roles=who.roles | set(roles), agency=agency or who.agency)
