"""A resource about residents and a grant on it, to be varied by the tests."""

from __future__ import annotations

from typing import Any

import msgspec

from yiwang.blocks.exchange.domain.compiled import (
    CompiledField,
    CompiledGrant,
    CompiledResource,
    CompiledSource,
    GrantedField,
    GrantedPredicate,
)
from yiwang.gateway.terms import Terms, terms

CONSUMER, PROVIDER = "11290000MB0000003G", "11290000MB00000017"
CODE = "306001003/12"
ITEM = "item:000114002000"
PERSON = "11010519491231002X"
NOON = 1_795_233_600  # 2026-11-21T04:00:00Z, a Saturday noon in Shanghai


def resource(**changed: Any) -> CompiledResource:
    """Residents: number, name, birthday, income; keyed by number."""
    made = CompiledResource(
        code=CODE, title="人口", title_en="Residents", version=3, provider=PROVIDER,
        fields=(
            CompiledField("身份号码", "id_no", "text", "character varying(18)", subject="person", check="resident_id"),
            CompiledField("姓名", "name", "text", "text"),
            CompiledField("出生日期", "born", "date", "date"),
            CompiledField("收入", "income", "decimal", "numeric(12,2)"),
            CompiledField("区划", "region", "text", "character(6)"),
            CompiledField("户号", "household", "integer", "integer"),
        ),
        key=("身份号码",), schema="public", relation="residents",
        source=CompiledSource("people", "127.0.0.1", 5432, "people", "reader", ""),
    )  # fmt: skip
    return msgspec.structs.replace(made, **changed)


def grant(**changed: Any) -> CompiledGrant:
    """Query and verify by number, for one service item."""
    made = CompiledGrant(
        id="G-2026-000001", version=1, resource=CODE, consumer=CONSUMER, modes=("query", "verify"),
        fields=(GrantedField("身份号码", "id_number"), GrantedField("姓名"), GrantedField("出生日期")),
        predicates=(
            GrantedPredicate("身份号码", ("eq", "in")), GrantedPredicate("区划", ("eq", "prefix")),
            GrantedPredicate("出生日期", ("gte", "lte")), GrantedPredicate("户号", ("eq",)),
        ),
        required=("身份号码",), purposes=(ITEM,), not_before=NOON - 1000, not_after=NOON + 1000,
        claims=("姓名", "收入"),
    )  # fmt: skip
    return msgspec.structs.replace(made, **changed)


def laid(**changed: Any) -> Terms:
    """The grant, changed, laid out on the resource."""
    return terms(grant(**changed), 7, resource())
