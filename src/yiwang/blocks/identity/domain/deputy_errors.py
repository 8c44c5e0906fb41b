"""What can go wrong when somebody names a deputy."""

from __future__ import annotations

from yiwang.blocks.identity.domain.errors import IdentityError


class DeputyUnfit(IdentityError):
    """The deputy is not another person of the same agency with an open account."""

    code = "deputy-unfit"
    message_zh = "此人不能做您的代办人。"
    message_en = "This person cannot be your deputy."
    mend_zh = "请选本机构账号有效的另一位同事。"
    mend_en = "Choose another person of your agency whose account is open."


class DeputySeparated(IdentityError):
    """Whoever administers or audits the platform stands in for nobody (三员分立)."""

    code = "deputy-separated"
    message_zh = "此人是“{held}”，不能代办业务（三员分立）。"
    message_en = "This person is {held}; such duties are kept apart from business."
    mend_zh = "请选另一位同事。"
    mend_en = "Choose another colleague."


class DeputyRoleBad(IdentityError):
    """Only a business role that the person holds in the own right is handed over."""

    code = "deputy-role-bad"
    message_zh = "只能交出您本人现有的业务角色（数据专员、审批人、审查员）。"
    message_en = (
        "Only business roles that you hold yourself can be handed over: data officer, approver, reviewer."
    )
    mend_zh = "请重新选择角色；代别人办理的角色不能再转交。"
    mend_en = "Choose among your roles; a role you hold as somebody's deputy is not passed on."


class DeputyPeriodBad(IdentityError):
    """The period is in the past, runs backwards or is longer than allowed."""

    code = "deputy-period-bad"
    message_zh = "代办时间不对：从今天或以后开始，最长 {days} 天。"
    message_en = "The period is wrong: it starts today or later and lasts {days} days at most."
    mend_zh = "请改正起止日期。"
    mend_en = "Correct the days."


class DeputyOverlaps(IdentityError):
    """One role has one deputy at a time."""

    code = "deputy-overlaps"
    message_zh = "这段时间，“{role}”已有代办人。"
    message_en = "The role {role} already has a deputy in that period."
    mend_zh = "请先结束原来的代办，或改日期。"
    mend_en = "End the earlier deputy first, or choose other days."


class UnknownDeputy(IdentityError):
    """No such deputy, or not one that the asker may know of."""

    code = "deputy-unknown"
    message_zh = "没有这项代办。"
    message_en = "There is no such deputy."
    mend_zh = "请刷新页面核对。"
    mend_en = "Reload the page and check."


class DeputySettled(IdentityError):
    """It was answered or has ended already."""

    code = "deputy-settled"
    message_zh = "这项代办已处理或已结束。"
    message_en = "This was answered already, or has ended."
    mend_zh = "请刷新页面核对。"
    mend_en = "Reload the page and check."


class DeputyOwnMatter(IdentityError):
    """Nobody approves a deputy in whose matter they are one of the two."""

    code = "deputy-own-matter"
    message_zh = "不能批准与自己有关的代办。"
    message_en = "Nobody approves a deputy of their own, or themselves as one."
    mend_zh = "请另一位安全管理员办理。"
    mend_en = "Ask another security administrator."
