"""Requests of the demo city in every state, made by the same actions as a person's clicks, with earlier dates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.public import Approval, LookupForm, Purpose, RequestInput
from yiwang.blocks.identity.public import Actor, acting, actor_for
from yiwang.bootstrap.demo.resources import ENTERPRISE, RESIDENT, STATUS
from yiwang.vocabulary.working_days import working_calendar

T = TypeVar("T")

AID = Purpose("item:000111004000", "最低生活保障对象认定", "Minimum living allowance")
PERMIT = Purpose("item:000118012000", "道路货物运输经营许可", "Licence for road haulage")
PENSION = Purpose("item:000114006000", "城乡居民养老保险待遇核定", "Pension of residents")
RULES = Purpose("law:decree-809#21", "政务数据共享条例")


@dataclass(frozen=True)
class Story:
    """One request: who asks for what, and how far it gets. `days` are working days ago."""

    title: str
    username: str
    purpose: Purpose
    fields: tuple[str, ...]
    reason: str
    days: int
    ends: str
    modes: tuple[str, ...] = ("query", "verify")
    claims: tuple[str, ...] = ()
    case_required: bool = False
    calls_per_day: int = 1000
    valid_days: int = 365


_FIRM = ("统一社会信用代码", "企业名称", "法定代表人", "经营状态", "成立日期", "注册资本", "住所")
_PERSON = ("公民身份号码", "姓名", "出生日期", "户籍区划", "户号", "与户主关系代码", "注销标识")

STORIES = (
    Story(
        ENTERPRISE, "zhouhang", AID, _FIRM, "审核低保申请时核对家庭成员是否登记为企业法定代表人。", 34, "granted",
        claims=("企业名称", "法定代表人", "经营状态"), calls_per_day=20000,
    ),
    Story(
        RESIDENT, "zhouhang", AID, _PERSON, "审核低保申请时核对家庭成员的户籍。", 30, "granted",
        claims=("姓名", "户籍区划"), case_required=True, calls_per_day=8000,
    ),
    Story(
        STATUS, "sunli", PENSION, ("统一社会信用代码", "企业名称", "经营状态"), "核定养老保险待遇时查看单位是否存续。", 26, "granted",
        claims=("经营状态",), calls_per_day=5000,
    ),
    Story(
        RESIDENT, "sunli", PENSION, ("公民身份号码", "姓名", "注销标识"), "核对待遇领取人的户籍是否注销。", 21, "granted",
        claims=("姓名", "注销标识"), calls_per_day=5000, valid_days=40,
    ),
    Story(
        ENTERPRISE, "sunli", PENSION, ("统一社会信用代码", "企业名称"), "参保登记试点，已结束。", 40, "revoked", calls_per_day=500,
    ),
    Story(
        RESIDENT, "zhaojing", PERMIT, ("公民身份号码", "姓名", "户籍地址", "婚姻状况代码"), "办理道路运输许可。", 18, "refused",
    ),
    Story(RESIDENT, "zhouhang", RULES, ("公民身份号码", "姓名", "文化程度代码"), "分析社会救助对象的文化程度。", 12, "deciding"),
    Story(STATUS, "zhouhang", AID, ("统一社会信用代码", "经营状态"), "批量核对企业状态，增加一个部门用户。", 2, "submitted"),
    Story(ENTERPRISE, "sunli", PENSION, _FIRM, "核对参保单位的登记信息。", 3, "returned"),
    Story(RESIDENT, "sunli", RULES, ("公民身份号码", "姓名", "户籍地址"), "全市问卷调查。", 9, "rejected"),
    Story(RESIDENT, "sunli", PENSION, ("公民身份号码", "姓名", "出生日期", "户籍区划"), "待遇领取资格认证。", 4, "deciding"),
    Story(STATUS, "sunli", PENSION, ("统一社会信用代码", "经营状态"), "不再需要，改用已有授权。", 6, "withdrawn"),
    Story(ENTERPRISE, "zhouhang", AID, ("统一社会信用代码", "企业名称", "住所"), "补充住所字段。", 1, "draft"),
)  # fmt: skip


def tell(codes: dict[str, str], now: datetime) -> None:
    """Bring every story to its end. `codes` maps titles of resources to their codes."""
    for story in STORIES:
        _Teller(codes[story.title], story, now).tell()


class _Teller:
    def __init__(self, code: str, story: Story, now: datetime) -> None:
        self._code = code
        self._story = story
        day = _workdays_ago(now.date(), story.days)
        self._start = datetime.combine(day, now.time(), now.tzinfo).replace(hour=9, minute=20)
        self._now = now

    def tell(self) -> None:
        story = self._story
        asker = story.username
        number = self._as(
            asker, 0, lambda actor, at: exchange.create_request(actor, self._code, self._form(), at)
        )
        if story.ends == "draft":
            return
        self._as(asker, 1, lambda actor, at: exchange.submit_request(actor, number, at))
        if story.ends == "submitted":
            return
        if story.ends == "withdrawn":
            self._as(
                asker,
                26,
                lambda actor, at: exchange.withdraw_request(actor, number, at, text="改用已有授权。"),
            )
            return
        if story.ends == "returned":
            text = "请写明每日调用次数的依据，并去掉与用途无关的注册资本。"
            self._as("heqing", 5, lambda actor, at: exchange.return_request(actor, number, text, at))
            return
        if story.ends == "rejected":
            text = "用途不明确，问卷调查不是法定职责。"
            self._as("heqing", 7, lambda actor, at: exchange.reject_request(actor, number, text, at))
            return
        grant = self._as(
            "heqing", 6, lambda actor, at: exchange.accept_request(actor, number, at, text="要件齐全。")
        )
        if story.ends == "deciding":
            return
        provider = "linfeng" if story.title == RESIDENT else "wangmin"
        if story.ends == "refused":
            basis = "《中华人民共和国个人信息保护法》第六条"
            text = "道路运输许可不需要婚姻状况，请改为只核验姓名。"
            self._as(provider, 30, lambda actor, at: exchange.refuse_request(actor, number, text, basis, at))
            return
        if grant is None:
            approval = Approval(text="同意，按申请的用途使用。")
            grant = self._as(
                provider, 28, lambda actor, at: exchange.approve_request(actor, number, approval, at)
            )
        if story.ends == "revoked":
            issued = grant
            self._as(
                provider,
                24 * 20,
                lambda actor, at: exchange.revoke_grant(actor, issued, "试点结束，用途不再存在。", at),
            )

    def _form(self) -> RequestInput:
        story = self._story
        lookup = "公民身份号码" if story.title == RESIDENT else "统一社会信用代码"
        return RequestInput(
            reason=story.reason,
            modes=story.modes,  # type: ignore[arg-type]
            fields=story.fields,
            lookups=(LookupForm(lookup, ("eq", "in")),),
            purposes=(story.purpose,),
            claims=story.claims or tuple(name for name in story.fields if name != lookup)[:2],
            case_required=story.case_required,
            calls_per_day=story.calls_per_day,
            subjects_per_day=min(story.calls_per_day, 5000),
            days=story.valid_days,
        )

    def _as(self, username: str, hours: float, action: Callable[[Actor, datetime], T]) -> T:
        at = min(self._start + timedelta(hours=hours), self._now)
        actor = actor_for(username, at)
        with acting(actor):
            return action(actor, at)


def _workdays_ago(today: date, count: int) -> date:
    day = today
    while count:
        day -= timedelta(days=1)
        count -= working_calendar().is_workday(day)
    return day
