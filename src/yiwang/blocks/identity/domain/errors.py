"""What can go wrong with accounts, roles and signing in; client applications have their own module."""

from __future__ import annotations

from yiwang.vocabulary.errors import YwError


class IdentityError(YwError):
    """Base of the identity block's errors."""

    code = "identity"


class NotAllowed(IdentityError):
    """The actor lacks the role that the action asks for."""

    code = "not-allowed"
    message_zh = "您的角色不能做这件事，需要：{roles}。"
    message_en = "Your roles do not allow this; it takes: {roles}."
    mend_zh = "请找有此角色的同事办理，或请安全管理员授予角色。"
    mend_en = "Ask a colleague who holds the role, or ask the security administrator for it."


class AgencyOutOfReach(IdentityError):
    """The agency lies outside the actor's agency or region."""

    code = "agency-out-of-reach"
    message_zh = "这个机构不在您的管理范围内。"
    message_en = "This agency lies outside what you administer."
    mend_zh = "请找该机构所在地区的管理员办理。"
    mend_en = "Ask the administrator of that agency's region."


class UnknownRole(IdentityError):
    """The role is not one of the list."""

    code = "role-unknown"
    message_zh = "没有角色“{role}”。"
    message_en = "There is no role “{role}”."
    mend_zh = "请从角色清单中选择。"
    mend_en = "Choose one from the list of roles."


class SelfGrant(IdentityError):
    """Nobody changes their own roles."""

    code = "role-self-grant"
    message_zh = "不能给自己授予或收回角色。"
    message_en = "Nobody grants roles to themselves or takes them from themselves."
    mend_zh = "请另一位安全管理员办理。"
    mend_en = "Ask another security administrator."


class HatsConflict(IdentityError):
    """The two roles must lie with different people (三员分立)."""

    code = "role-conflict"
    message_zh = "同一个人不能兼任“{held}”和“{role}”（三员分立）。"
    message_en = "One person may not be both {held} and {role}: these duties are kept apart."
    mend_zh = "请授予另一个人，或先收回原角色。"
    mend_en = "Give the role to another person, or end the first role before."


class RoleAlreadyHeld(IdentityError):
    """The person already holds this role in the period."""

    code = "role-already-held"
    message_zh = "此人在这段时间已有角色“{role}”。"
    message_en = "The person already holds the role {role} in that period."
    mend_zh = "无需再次授予；要改期限，请先收回。"
    mend_en = "There is nothing to grant; to change the period, end the role first."


class RolePeriodBad(IdentityError):
    """A role ends after it begins, and not in the past."""

    code = "role-period-bad"
    message_zh = "角色的结束时间早于开始时间或已经过去。"
    message_en = "The role would end before it begins, or has ended already."
    mend_zh = "请改正起止时间。"
    mend_en = "Correct the period."


class RoleNotHeld(IdentityError):
    """The role to be taken away is not in force."""

    code = "role-not-held"
    message_zh = "此人没有这个角色，或角色已结束。"
    message_en = "The person does not hold this role, or it has ended."
    mend_zh = "请刷新页面核对。"
    mend_en = "Reload the page and check."


class UnknownAccount(IdentityError):
    """No such account, or not one that the asker may know of."""

    code = "account-unknown"
    message_zh = "没有这个账号。"
    message_en = "There is no such account."
    mend_zh = "请核对用户名和所属机构。"
    mend_en = "Check the username and the agency."


class UsernameTaken(IdentityError):
    """A username is given once on a node."""

    code = "username-taken"
    message_zh = "用户名“{username}”已被使用。"
    message_en = "The username “{username}” is taken."
    mend_zh = "请换一个用户名。"
    mend_en = "Choose another username."


class BadUsername(IdentityError):
    """A username is 3–40 lower-case letters, digits, dots and hyphens."""

    code = "username-bad"
    message_zh = "用户名只能用 3–40 个小写字母、数字、点和连字符，以字母开头。"
    message_en = "A username has 3–40 lower-case letters, digits, dots or hyphens and starts with a letter."
    mend_zh = "请改写，例如姓名拼音加机构简称。"
    mend_en = "Choose another, for example the name in pinyin with the agency's slug."


class AccountClosed(IdentityError):
    """The account has been closed."""

    code = "account-closed"
    message_zh = "账号已停用。"
    message_en = "The account is closed."
    mend_zh = "请联系系统管理员。"
    mend_en = "Ask the system administrator."


class DemoOnly(IdentityError):
    """Demo accounts exist in demo mode only."""

    code = "demo-only"
    message_zh = "演示账号只能在演示模式下建立。"
    message_en = "Demo accounts exist in demo mode only."
    mend_zh = "生产环境请由系统管理员建立账号。"
    mend_en = "In production the system administrator creates accounts."


class AlreadyInstalled(IdentityError):
    """The first three administrators are appointed once."""

    code = "administrators-exist"
    message_zh = "本节点已有账号，不能再次设立首批管理员。"
    message_en = "This node already has accounts; the first administrators are appointed once."
    mend_zh = "请由现有的系统管理员和安全管理员办理。"
    mend_en = "Let the present system and security administrators do it."


class LoginRefused(IdentityError):
    """The username or the password is wrong, whichever."""

    code = "login-refused"
    message_zh = "用户名或密码不正确。"
    message_en = "The username or the password is wrong."
    mend_zh = "请再试一次；忘记密码请联系本机构的系统管理员重置。"
    mend_en = "Try again; if you forgot the password, ask your system administrator for a new one."


class LoginLocked(IdentityError):
    """Too many wrong passwords from one address."""

    code = "login-locked"
    permanent = False
    message_zh = "失败次数过多，请 {minutes} 分钟后再试。"
    message_en = "Too many failed attempts. Try again in {minutes} minutes."
    mend_zh = "请等候；忘记密码请联系系统管理员。"
    mend_en = "Wait; if you forgot the password, ask the system administrator."


class PasswordRefused(IdentityError):
    """The present password is wrong."""

    code = "password-wrong"
    message_zh = "当前密码不正确。"
    message_en = "The present password is wrong."
    mend_zh = "请再输入一次。"
    mend_en = "Enter it again."


class PasswordWeak(IdentityError):
    """The new password does not satisfy the rules."""

    code = "password-weak"
    message_zh = "新密码不符合要求：{reasons}"
    message_en = "The new password does not satisfy the rules: {reasons}"
    mend_zh = "请用 12 个以上字符，不含用户名，不用常见密码。"
    mend_en = "Use 12 characters or more, without the username, and not a common password."


class CodeRefused(IdentityError):
    """The second-factor code is wrong, used already or too old."""

    code = "second-factor-refused"
    message_zh = "验证码不正确或已用过。"
    message_en = "The code is wrong or was used already."
    mend_zh = "请等验证器显示下一个验证码后再输入；手机时间要准确。"
    mend_en = "Wait for the next code of your authenticator; the phone's clock must be right."


class CodeThrottled(IdentityError):
    """Too many wrong second-factor codes in a row."""

    code = "second-factor-throttled"
    permanent = False
    message_zh = "验证码错误次数过多，请 {seconds} 秒后再试。"
    message_en = "Too many wrong codes. Try again in {seconds} seconds."
    mend_zh = "请等候后再输入，或使用恢复码。"
    mend_en = "Wait and enter the next code, or use a recovery code."


class SecondFactorPresent(IdentityError):
    """A confirmed authenticator is replaced only after it was reset."""

    code = "second-factor-present"
    message_zh = "已绑定验证器。"
    message_en = "An authenticator is already bound to the account."
    mend_zh = "更换手机请联系安全管理员重置。"
    mend_en = "To change your phone, ask the security administrator for a reset."


class SelfReset(IdentityError):
    """Nobody resets their own password or second factor as an administrator."""

    code = "account-self-reset"
    message_zh = "不能重置自己的密码或验证器。"
    message_en = "Nobody resets their own password or second factor."
    mend_zh = "请在“我的账号”里修改密码，或请另一位管理员办理。"
    mend_en = "Change your password under “My account”, or ask another administrator."
