"""The catalogue entries of the demo city and where the mounted ones live."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

from yiwang.blocks.catalogue.public import FormatClass, ItemDraft, ResourceDraft, ShareChannel, ShareWay
from yiwang.blocks.exchange.public import ColumnMap

ENTERPRISE = "企业登记基本信息"
STATUS = "企业经营状态信息"
RESIDENT = "居民户籍基本信息"


class Kept(TypedDict):
    """How the mounted resources are kept and given."""

    format_class: FormatClass
    format_type: str
    share_channel: ShareChannel
    share_ways: tuple[ShareWay, ...]


@dataclass(frozen=True)
class Mounted:
    """A resource on a table: `columns` are (wire name, column, type, database type)."""

    title: str
    department: str
    schema: str
    relation: str
    key: str
    columns: tuple[ColumnMap, ...]


def _item(wire: str, title_en: str, **facts: object) -> ItemDraft:
    grade = facts.get("grade")
    level = "4" if grade == "sensitive" else "2" if grade == "personal" else "1"
    return ItemDraft(wire=wire, title=wire, title_en=title_en, level=level, **facts)  # type: ignore[arg-type]


DIVISION = _item("登记区划", "Division of registration", element="GB/T 2260", length=6)
"""What nodes above have besides: whose rows they are."""
_ENTERPRISE_ITEMS = (
    _item(
        "统一社会信用代码",
        "Unified social credit code",
        element="GB 32100",
        length=18,
        subject="organisation",
        check="uscc",
    ),
    _item("企业名称", "Name of enterprise", length=200),
    _item("企业类型", "Type of enterprise", length=60),
    _item("法定代表人", "Legal representative", length=50, grade="personal"),
    _item("注册资本", "Registered capital (10,000 yuan)", element="DE-ZCZB", type="decimal"),
    _item("成立日期", "Date of establishment", element="DE-CLRQ", type="date"),
    _item("经营状态", "Operating state", length=20),
    _item("行业代码", "Industry code", element="GB/T 4754", length=5),
    _item("登记机关", "Registering authority", length=60),
    _item("住所", "Domicile", element="DE-DZ", length=200),
    _item("经营范围", "Scope of business", length=2000),
    _item("联系电话", "Telephone", element="DE-LXDH", length=20, grade="personal", mask="phone"),
    _item("更新时间", "Updated at", type="datetime"),
)
_STATUS_ITEMS = (
    _item(
        "统一社会信用代码",
        "Unified social credit code",
        element="GB 32100",
        length=18,
        subject="organisation",
        check="uscc",
    ),
    _item("企业名称", "Name of enterprise", length=200),
    _item("经营状态代码", "Code of operating state", length=1),
    _item("经营状态", "Operating state", length=20),
    _item("成立日期", "Date of establishment", element="DE-CLRQ", type="date"),
)
_RESIDENT_ITEMS = (
    _item(
        "公民身份号码",
        "Resident id number",
        element="GB 11643",
        length=18,
        grade="sensitive",
        subject="person",
        check="resident_id",
        mask="id_number",
    ),
    _item("姓名", "Name", element="DE-XM", length=50, grade="personal"),
    _item("性别代码", "Sex code", element="GB/T 2261.1", length=1, grade="personal"),
    _item("民族代码", "Ethnic group code", element="GB/T 3304", length=2, grade="sensitive", mask="hidden"),
    _item("出生日期", "Date of birth", element="DE-CSRQ", type="date", grade="personal"),
    _item("户籍区划", "Division of registration", element="GB/T 2260", length=6, grade="personal"),
    _item("户籍地址", "Registered address", element="DE-DZ", length=200, grade="personal", mask="hidden"),
    _item("文化程度代码", "Education code", element="GB/T 4658", length=2, grade="personal"),
    _item(
        "婚姻状况代码",
        "Marital status code",
        element="GB/T 2261.2",
        length=2,
        grade="sensitive",
        mask="hidden",
    ),
    _item("户号", "Household number", length=9, grade="personal"),
    _item("与户主关系代码", "Relation to head of household", element="GB/T 4761", length=2, grade="personal"),
    _item("注销标识", "Cancelled", type="boolean"),
    _item("更新时间", "Updated at", type="datetime"),
)


_KEPT: Kept = {
    "format_class": "database", "format_type": "PostgreSQL", "share_channel": "platform", "share_ways": ("api",),
}  # fmt: skip


def drafts() -> tuple[tuple[str, ResourceDraft], ...]:
    """(department slug, entry): three that are mounted, and those of departments that have yet to connect theirs."""
    return (
        (
            "shichang",
            ResourceDraft(
                title=ENTERPRISE,
                title_en="Registration of enterprises",
                classification="102001",
                summary="全市各类企业的登记信息，每日更新。可按统一社会信用代码查询，也可只核验是否一致。",
                summary_en="Registration of every enterprise in the city, updated daily. Query by code, or verify only.",
                items=_ENTERPRISE_ITEMS,
                **_KEPT,
                duty="企业登记注册管理（《市场主体登记管理条例》第五条）",
                office="登记注册处",
                share_type="unconditional",
                update_cycle="daily",
            ),
        ),
        (
            "shichang",
            ResourceDraft(
                title=STATUS,
                title_en="Operating state of enterprises",
                classification="102001",
                summary="企业是否存续、吊销、注销。",
                summary_en="Whether an enterprise operates, is revoked or deregistered.",
                items=_STATUS_ITEMS,
                **_KEPT,
                duty="企业信用监督管理（《企业信息公示暂行条例》第五条）",
                office="信用监管处",
                share_type="unconditional",
                update_cycle="daily",
                open=True,
                open_condition="企业经营状态可向社会公开，不含个人信息。",
            ),
        ),
        (
            "gongan",
            ResourceDraft(
                title=RESIDENT,
                title_en="Household registration of residents",
                classification="101001",
                summary="全市户籍人口登记信息。敏感项默认遮盖，能核验就不查询。",
                summary_en="Registered population of the city. Sensitive items are masked; verify where that is enough.",
                items=_RESIDENT_ITEMS,
                **_KEPT,
                duty="户口登记（《户口登记条例》第三条）",
                office="治安管理支队",
                share_type="conditional",
                share_condition="用于行政许可、社会救助、社会保险和司法协助；每次调用写明办件编号。",
                share_condition_en="For permits, social assistance, social insurance and the courts; each call names its case.",
                update_cycle="daily",
                grade="sensitive",
            ),
        ),
        *((slug, _plain(*facts)) for slug, facts in _UNMOUNTED),
    )


def _plain(
    title: str,
    title_en: str,
    classification: str,
    summary: str,
    key: str,
    share: str,
    basis: str,
    others: str,
) -> ResourceDraft:
    return ResourceDraft(
        title=title,
        title_en=title_en,
        classification=classification,
        summary=summary,
        items=(
            ItemDraft(
                key,
                key,
                length=18,
                grade="sensitive",
                subject="person",
                check="resident_id",
                mask="id_number",
            )
            if key == "公民身份号码"
            else ItemDraft(key, key, length=30),
            *(ItemDraft(name, name, length=100) for name in others.split("、")),
        ),
        share_type=share,  # type: ignore[arg-type]
        share_condition=basis if share == "conditional" else "",
        share_condition_en=_AID_EN if share == "conditional" else "",
        share_basis=basis if share == "none" else "",
        update_cycle="monthly",
        grade="sensitive" if key == "公民身份号码" else "general",
    )


_AID = "用于社会救助、行政许可审核。"
_AID_EN = "For social assistance and the review of permits."
_UNMOUNTED: tuple[tuple[str, tuple[str, str, str, str, str, str, str, str]], ...] = (
    ("minzheng", ("居民婚姻登记信息", "Marriage registration", "306004", "结婚、离婚、补领登记。", "公民身份号码", "conditional", _AID, "登记类型、登记日期、登记机关")),
    ("minzheng", ("最低生活保障对象信息", "Minimum living allowance recipients", "306004", "在保家庭与成员。", "公民身份号码", "conditional", _AID, "保障类别、保障金额、起始月份")),
    ("renshe", ("社会保险参保信息", "Social insurance registration", "203001", "参保状态、缴费月数。", "公民身份号码", "conditional", _AID, "险种、参保状态、缴费起始月")),
    ("yibao", ("基本医疗保险参保信息", "Medical insurance registration", "202001", "参保与待遇状态。", "公民身份号码", "conditional", _AID, "参保类型、参保状态、缴费年度")),
    ("ziran", ("不动产登记信息", "Real estate registration", "103001", "不动产权利登记。", "不动产单元号", "conditional", _AID, "权利类型、登记日期、坐落")),
    ("zhujian", ("商品房预售许可信息", "Presale permits", "209001", "预售许可证与项目。", "预售许可证号", "unconditional", "", "项目名称、开发企业、发证日期")),
    ("jiaoyu", ("学校基本信息", "Schools", "201001", "中小学校名录。", "学校标识码", "unconditional", "", "学校名称、办学类型、地址")),
    ("weijian", ("医疗机构执业登记信息", "Licences of medical institutions", "202002", "医疗机构名录与诊疗科目。", "登记号", "unconditional", "", "机构名称、地址、诊疗科目")),
    ("weijian", ("出生医学证明信息", "Medical certificates of birth", "202002", "出生医学证明签发。", "出生证编号", "conditional", _AID, "签发机构、签发日期")),
    ("shuiwu", ("纳税信用等级信息", "Tax credit ratings", "208001", "企业年度纳税信用评价。", "统一社会信用代码", "unconditional", "", "评价年度、信用等级")),
    ("jiaotong", ("道路运输经营许可信息", "Road transport licences", "306012", "经营业户与许可范围。", "许可证号", "unconditional", "", "业户名称、经营范围、有效期止")),
    ("gongan", ("在侦案件线索信息", "Leads of open investigations", "306002", "不对外共享。", "线索编号", "none", "《中华人民共和国刑事诉讼法》第五十四条", "线索类别、登记日期")),
)  # fmt: skip


def _map(*columns: tuple[str, str, str, str]) -> tuple[ColumnMap, ...]:
    return tuple(ColumnMap(item, column, kind, database) for item, column, kind, database in columns)  # type: ignore[arg-type]


MOUNTS = (
    Mounted(
        ENTERPRISE, "shichang", "scjg", "qy_jbxx", "统一社会信用代码",
        _map(
            ("统一社会信用代码", "tyshxydm", "text", "character(18)"),
            ("企业名称", "qymc", "text", "character varying(200)"),
            ("企业类型", "qylxmc", "text", "character varying(60)"),
            ("法定代表人", "fddbr", "text", "character varying(50)"),
            ("注册资本", "zczb", "decimal", "numeric(16,2)"),
            ("成立日期", "clrq", "date", "date"),
            ("经营状态", "jyztmc", "text", "character varying(20)"),
            ("行业代码", "hydm", "text", "character varying(5)"),
            ("登记机关", "djjg", "text", "character varying(60)"),
            ("住所", "zs", "text", "character varying(200)"),
            ("经营范围", "jyfw", "text", "text"),
            ("联系电话", "lxdh", "text", "character varying(20)"),
            ("更新时间", "gxsj", "datetime", "timestamp without time zone"),
        ),
    ),
    Mounted(
        STATUS, "shichang", "scjg", "v_qy_zt", "",
        _map(
            ("统一社会信用代码", "tyshxydm", "text", "character(18)"),
            ("企业名称", "qymc", "text", "character varying(200)"),
            ("经营状态代码", "jyzt", "text", "character(1)"),
            ("经营状态", "jyztmc", "text", "character varying(20)"),
            ("成立日期", "clrq", "date", "date"),
        ),
    ),
    Mounted(
        RESIDENT, "gongan", "hj", "rk_jbxx", "公民身份号码",
        _map(
            ("公民身份号码", "gmsfhm", "text", "character(18)"),
            ("姓名", "xm", "text", "character varying(50)"),
            ("性别代码", "xb", "text", "character(1)"),
            ("民族代码", "mz", "text", "character(2)"),
            ("出生日期", "csrq", "date", "date"),
            ("户籍区划", "hjqh", "text", "character(6)"),
            ("户籍地址", "hjdz", "text", "character varying(200)"),
            ("文化程度代码", "whcd", "text", "character(2)"),
            ("婚姻状况代码", "hyzk", "text", "character(2)"),
            ("户号", "hh", "text", "character varying(9)"),
            ("与户主关系代码", "yhzgx", "text", "character(2)"),
            ("注销标识", "zxbs", "boolean", "boolean"),
            ("更新时间", "gxsj", "datetime", "timestamp without time zone"),
        ),
    ),
)  # fmt: skip
