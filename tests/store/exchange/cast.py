"""A provider, a consumer, an outsider, the bureau and the platform's operator; resources as they mount them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from yiwang.blocks.catalogue.public import ItemDraft, ResourceDraft, create_resource
from yiwang.blocks.exchange.public import (
    ColumnMap,
    LookupForm,
    MountForm,
    Purpose,
    RequestInput,
    SourceForm,
    accept_request,
    add_source,
    approve_request,
    create_request,
    mount_resource,
    publish_resource,
    submit_request,
)
from yiwang.blocks.identity.public import Actor

PROVIDER, CONSUMER, OUTSIDE, BUREAU = (
    "11290100MB0000001A", "11290100MB0000002B", "11290100MB0000003C", "11290100MB0000004D",
)  # fmt: skip
NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
"""A Friday morning in China."""


def person(number: int, name: str, agency: str, agency_name: str, *roles: str) -> Actor:
    return Actor(number, f"user{number}", name, agency, agency_name, "290100", frozenset(roles))


WANG_MIN = person(1, "王敏", PROVIDER, "市市场监督管理局", "data_officer")
ZHOU_HANG = person(2, "周航", CONSUMER, "市民政局", "data_officer")
ZHAO_JING = person(3, "赵静", OUTSIDE, "市交通运输局", "data_officer", "approver")
CHEN_CHEN = person(4, "陈晨", "", "", "citizen")
HE_QING = person(5, "何青", BUREAU, "市数据局", "reviewer")
OPERATOR = person(6, "钱进", BUREAU, "市数据局", "operator")
AUDITOR = person(7, "孙正", BUREAU, "市数据局", "auditor")
CLERK = person(8, "吴言", PROVIDER, "市市场监督管理局")

ITEMS = (
    ItemDraft("信用代码", "统一社会信用代码", subject="organisation", check="uscc", length=18),
    ItemDraft("名称", "企业名称"),
    ItemDraft("法人", "法定代表人", grade="personal", mask="name"),
    ItemDraft("电话", "联系电话", grade="sensitive"),
    ItemDraft("成立", "成立日期", type="date"),
    ItemDraft("资本", "注册资本", type="decimal"),
)
COLUMNS = (
    ColumnMap("信用代码", "统一社会信用代码", "text", ""),
    ColumnMap("名称", "企业名称", "text", ""),
    ColumnMap("法人", "order", "text", ""),
    ColumnMap("电话", "lxdh", "text", ""),
    ColumnMap("成立", "clrq", "date", ""),
)


def draft(title: str = "企业登记信息", share_type: str = "conditional") -> ResourceDraft:
    made = ResourceDraft(
        title=title, classification="306001003", summary="全市企业登记信息。", items=ITEMS,
        share_condition="作为行政依据", title_en="Registration of enterprises", share_basis="某法第一条",
    )  # fmt: skip
    match share_type:
        case "unconditional" | "none":
            return replace(made, share_type=share_type)
        case _:
            return made


def wish(**changes: object) -> RequestInput:
    made = RequestInput(
        reason="核对低保家庭成员是否登记企业", modes=("query", "verify"), fields=("信用代码", "名称", "法人", "电话"),
        lookups=(LookupForm("信用代码", ("eq", "in")),), purposes=(Purpose("item:1001", "低保审核"),), claims=("名称",),
        case_required=True,
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def mount_form(code: str, source: str, **changes: object) -> MountForm:
    made = MountForm(code, source, "数据", "企业 基本信息", COLUMNS, key=("信用代码",))
    return replace(made, **changes)  # type: ignore[arg-type]


def published(title: str = "企业登记信息", share_type: str = "conditional") -> str:
    code = create_resource(WANG_MIN, draft(title, share_type), NOW)
    publish_resource(WANG_MIN, code, NOW)
    return code


def mounted(
    source: SourceForm, title: str = "企业登记信息", share_type: str = "conditional", **changes: object
) -> str:
    """A published resource on a table of the source; returns its code."""
    code = published(title, share_type)
    source_id = add_source(WANG_MIN, replace(source, name=f"业务库 {title}"), NOW)
    mount_resource(WANG_MIN, mount_form(code, source_id, **changes), NOW)
    return code


def submitted(code: str, at: datetime = NOW, **changes: object) -> str:
    number = create_request(ZHOU_HANG, code, wish(**changes), at)
    submit_request(ZHOU_HANG, number, at)
    return number


def deciding(code: str, at: datetime = NOW, **changes: object) -> str:
    number = submitted(code, at, **changes)
    accept_request(HE_QING, number, at)
    return number


def granted(code: str, at: datetime = NOW, **changes: object) -> str:
    from yiwang.blocks.exchange.public import Approval

    return approve_request(WANG_MIN, deciding(code, at, **changes), Approval(text="同意"), at)
