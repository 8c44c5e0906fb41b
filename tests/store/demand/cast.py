"""Needs as people of the cast state them, and the entries around them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.store.exchange.cast import (
    BUREAU,
    CONSUMER,
    NOW,
    OUTSIDE,
    PROVIDER,
    WANG_MIN,
    ZHOU_HANG,
    draft,
    person,
)
from yiwang.blocks.catalogue.public import ItemDraft, create_resource
from yiwang.blocks.demand.public import Statement, WantedItem, state_need, submit_need
from yiwang.blocks.exchange.public import publish_resource

LIN_FENG = person(11, "林峰", OUTSIDE, "市公安局", "data_officer")
WANTED = Statement(
    title="企业股权出质登记", reason="审核低保时核对家庭成员的股权。", purpose="item:000111004000",
    purpose_title="最低生活保障审核", items=(WantedItem("统一社会信用代码"), WantedItem("出质股权数额", "万元", "decimal")),
    contact_post="社会救助科", contact_phone="0931-5550000", wanted_by=(NOW + timedelta(days=30)).date(),
)  # fmt: skip
AGENCIES = {PROVIDER, CONSUMER, OUTSIDE, BUREAU}


def near_entry() -> str:
    """An entry of 王敏's agency that the need comes near: same trade, other data."""
    made = replace(
        draft("企业登记基本信息"),
        summary="企业登记、股权、出质情况。",
        items=(ItemDraft("信用代码", "统一社会信用代码"),),
    )
    code = create_resource(WANG_MIN, made, NOW)
    publish_resource(WANG_MIN, code, NOW)
    return code


def stated(**changes: object) -> str:
    return state_need(ZHOU_HANG, replace(WANTED, **changes), NOW)  # type: ignore[arg-type]


def routed(**changes: object) -> str:
    number = stated(**changes)
    submit_need(ZHOU_HANG, number, NOW)
    return number
