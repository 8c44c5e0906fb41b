"""A declared system with every kind of field: sites in a city and the orders to mend them, with their visits."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.store.registry.installing import field, install
from yiwang.blocks.identity.public import Actor
from yiwang.blocks.registry.public import (
    Code,
    Entity,
    Errand,
    Field,
    Label,
    Part,
    Role,
    Rule,
    System,
    View,
    create_record,
)

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
OWNER, OTHER = "11290100MB0000001A", "11290100MB0000002B"
TOWN, OTHER_TOWN = "290102001", "290102002"


def titled(name: str, kind: str, zh: str, en: str, **more: object) -> Field:
    return field(name, kind, title={"zh": zh, "en": en}, **more)


SITE = Entity(
    id="site", title=Label("设施", "Site"), abstract="城市里要养护的设施", key=("code",), history="bitemporal",
    fields=(
        titled("code", "text", "编号", "Code", argument="20", required=True),
        titled("name", "text", "名称", "Name", argument="60", required=True, search=True),
        titled("town", "division", "所在街道", "Town", argument="town", required=True),
        titled("state", "code", "状况", "Condition", argument="condition", required=True, default="good"),
        titled("opened", "date", "启用日期", "Opened on"),
        titled("area", "decimal", "面积", "Area", argument="10,2", scale=2, unit="m²"),
        titled("value", "money", "造价", "Value"),
        titled("place", "point", "坐标", "Place"),
    ),
    parts=(Part("orders", "order", "site"),),
    rules=(
        Rule(roles=("works.clerk",), verbs=("read", "write", "export"), rows='"row"."town" = registry_told(\'division\')'),
        Rule(roles=("works.watcher",), verbs=("read",), fields=("code", "name", "town", "state", "place")),
        Rule(roles=("works.guest",), verbs=("read",), purposes=("survey",)),
    ),
)  # fmt: skip
ORDER = Entity(
    id="order", title=Label("工单", "Order"), key=("number",), history="versions",
    fields=(
        titled("number", "serial", "工单编号", "Order number", argument="RX{yyyy}{n:5}", required=True),
        titled("title", "text", "标题", "Title", argument="100", required=True, search=True),
        titled("content", "text", "内容", "Content", argument="400"),
        titled("site", "ref", "设施", "Site", columns=["site_code"], target=["works", "site"]),
        titled("state", "code", "办理状态", "State", argument="order_state", required=True, default="new"),
        titled("channels", "codes", "来源", "Channels", argument="channel"),
        titled("urgent", "boolean", "加急", "Urgent", required=True, default=False),
        titled("rounds", "integer", "轮次", "Rounds", unit="次"),
        titled("cost", "money", "费用", "Cost"),
        titled("occurred", "datetime", "受理时间", "Received at", required=True),
        titled("due", "date", "最迟办结", "Due"),
        titled("season", "period", "季度", "Quarter", argument="quarter"),
        titled("caller", "text", "诉求人", "Caller", argument="50", grade=3, mask="name"),
        titled("phone", "phone", "联系电话", "Phone", grade=3, mask="phone"),
        titled("caller_id", "resident_id", "身份号码", "Resident id", grade=3, encrypted=True, lookup=True, mask="id"),
        titled("account", "text", "退款账号", "Account", argument="32", grade=4, encrypted=True),
        titled("firm", "uscc", "施工单位", "Contractor"),
        titled("lead", "org", "主办单位", "Lead agency"),
        titled("place", "point", "位置", "Place"),
        titled("files", "files", "附件", "Files"),
        titled("late", "boolean", "已超期", "Overdue", derived='"row"."due" < DATE \'2026-11-20\''),
    ),
    parts=(Part("visits", "visit", "order"),),
    rules=(
        Rule(roles=("works.clerk",), purposes=("handling", "inspection"), verbs=("read", "write")),
        Rule(roles=("works.watcher",), purposes=("inspection",), verbs=("read",), masked=True,
             fields=("number", "title", "state", "phone", "caller", "due", "site")),
    ),
)  # fmt: skip
VISIT = Entity(
    id="visit", title=Label("回访", "Visit"), key=("order", "round"), history="none",
    fields=(
        titled("order", "ref", "工单", "Order", columns=["order_number"], target=["works", "order"], required=True),
        titled("round", "integer", "第几次", "Round", required=True),
        titled("content", "code", "满意度", "Content", argument="content"),
    ),
    rules=(Rule(roles=("works.clerk",), verbs=("read", "write")),),
)  # fmt: skip
LOCKED = Entity(
    id="locked", title=Label("内部记录", "Internal"), key=("code",), history="none",
    fields=(titled("code", "text", "编号", "Code", required=True),),
    rules=(Rule(roles=("works.head",), verbs=("read", "write")),),
)  # fmt: skip
WORKS = System(
    id="works", title=Label("市政养护", "City works"), version="1.2.0", owner=OWNER, entities=(SITE, ORDER, VISIT, LOCKED),
    roles=(
        Role(id="clerk", title=Label("经办", "Clerk")), Role(id="watcher", title=Label("巡查", "Inspector")),
        Role(id="guest", title=Label("调研", "Surveyor")), Role(id="head", title=Label("负责人", "Head")),
    ),
    purposes=("handling", "inspection", "survey"),
    purpose_titles={"handling": Label("工单办理", "Handling orders"), "inspection": Label("督查", "Inspection")},
    codes={
        "condition": (Code("good", Label("完好", "Good")), Code("worn", Label("破损", "Worn")),
                      Code("old", Label("旧码", "Old"), until="2026-01-01", successor="worn")),
        "order_state": (Code("new", Label("待受理", "New")), Code("working", Label("办理中", "In hand")),
                        Code("closed", Label("已办结", "Closed"))),
        "channel": (Code("phone", Label("电话", "Phone")), Code("web", Label("网站", "Web"))),
        "content": (Code("yes", Label("满意", "Yes")), Code("no", Label("不满意", "No"))),
    },
    views=(
        ("order", (
            View(id="all", title=Label("工单", "Orders"), kind="list", columns=("number", "title", "state", "due", "phone"),
                 filters=("state", "due", "phone", "urgent")),
            View(id="open", title=Label("在办", "Open"), kind="list", where="\"row\".\"state\" <> 'closed'"),
            View(id="board", title=Label("看板", "Board"), kind="board", by="state", roles=("clerk",)),
            View(id="calendar", title=Label("日历", "Calendar"), kind="calendar", by="due"),
            View(id="trend", title=Label("走势", "Trend"), kind="chart", by="occurred"),
            View(id="states", title=Label("状态", "States"), kind="chart", by="state"),
            View(id="line", title=Label("时间线", "Timeline"), kind="timeline", by="occurred"),
            View(id="recent", title=Label("近况", "Recent"), kind="timeline"),
            View(id="map", title=Label("分布", "Map"), kind="map", by="place"),
        )),
        ("site", (View(id="towns", title=Label("按街道", "By town"), kind="map", by="town"),)),
    ),
)  # fmt: skip


def person(number: int, name: str, agency: str = OWNER, agency_name: str = "市城管局") -> Actor:
    return Actor(number, f"user{number}", name, agency, agency_name, TOWN, frozenset())


WANG_MIN = person(1, "王敏")
LI_QIANG = person(2, "李强")
ZHOU_HANG = person(3, "周航", OTHER, "市民政局")
ZHAO_JING = person(4, "赵静")
QIAN_JIN = person(5, "钱进", OTHER, "市民政局")
CLERK = Errand(WANG_MIN, purpose="handling")


def applied() -> None:
    """The system, two clerks, an inspector of another agency and a surveyor; nobody else."""
    holders = ((WANG_MIN, "clerk"), (LI_QIANG, "clerk"), (ZHOU_HANG, "watcher"), (QIAN_JIN, "guest"))
    install(WORKS, holders, NOW)


def site(code: str = "A1", now: datetime = NOW, **more: object) -> int:
    values = {
        "code": code,
        "name": f"{code} 号泵站",
        "town": TOWN,
        "opened": "2020-05-01",
        "value": 1234500,
        **more,
    }
    return create_record(CLERK, "works", "site", values, now)


def order(now: datetime = NOW, **more: object) -> int:
    values = {
        "title": "路灯不亮", "content": "夜里全黑", "occurred": "2026-11-18T09:30:00+08:00", "due": "2026-11-24", "cost": 12345,
        "channels": ["phone", "web"], "caller": "陈晨", "phone": "13812345678", "caller_id": "11010519491231002X",
        "account": "6222000011112222", "place": "119.30,26.08", "rounds": 2, "season": "2026Q4",
        "firm": "91350100M000100Y43", "lead": OWNER, "files": ["照片.jpg"], **more,
    }  # fmt: skip
    return create_record(CLERK, "works", "order", values, now)
