"""What can keep a package from being applied."""

from __future__ import annotations

from yiwang.blocks.registry.domain.errors import RegistryError


class ApplyError(RegistryError):
    """A package could not be applied."""

    code = "apply"
    message_zh = "系统包没有启用。"
    message_en = "The package was not applied."
    mend_zh = "按提示处理后再运行 yw system apply。"
    mend_en = "Do what is named and run yw system apply again."


class ApplyRunning(ApplyError):
    """Somebody else applies this system now."""

    code = "apply-running"
    permanent = False
    message_zh = "系统 {system} 正在被另一处启用。"
    message_en = "System {system} is being applied elsewhere."
    mend_zh = "等它结束；进度见“系统”页。"
    mend_en = "Wait until it has ended; its progress stands on the page of systems."


class ApplyBusy(ApplyError):
    """Somebody holds the tables for so long that the moment of a change does not come."""

    code = "apply-busy"
    permanent = False
    message_zh = "系统 {system} 的数据表一直被占用，改动等不到空当；做完的步骤都还在。此刻占用：{holders}"
    message_en = (
        "Tables of {system} are held all the time and the change finds no gap; what is done so far stays."
        " Held now by: {holders}"
    )
    mend_zh = "等长查询结束，再运行 yw system apply --resume {system}。"
    mend_en = "When the long query has ended, run yw system apply --resume {system}."


class TableHindered(ApplyError):
    """Something that the release does not know of hangs on a table and cannot come along when it is renewed."""

    code = "apply-table-hindered"
    message_zh = "系统 {system} 的数据表 {table} 换不了新，明文还在它的旧文件里。挂着这些带不走：{things}"
    message_en = (
        "Table {table} of {system} cannot be renewed, so plain values still lie in its files. What hangs on it and"
        " cannot come along: {things}"
    )
    mend_zh = "撤掉它们（用完可再建），再运行 yw system apply --resume {system}。"
    mend_en = "Take them away (they can be made again), then run yw system apply --resume {system}."


class ApplyUnfinished(ApplyError):
    """An application was broken off, and neither resumed nor undone."""

    code = "apply-unfinished"
    message_zh = "系统 {system} 的上一次启用（{version}）中断了，停在“{step}”。"
    message_en = "The last application of {system} ({version}) was broken off at: {step}."
    mend_zh = "先运行 yw system apply --resume {system} 接着做，或 --undo {system} 撤回。"
    mend_en = "Run yw system apply --resume {system} to go on, or --undo {system} to take it back."


class NothingUnfinished(ApplyError):
    """There is nothing to resume or to undo."""

    code = "apply-nothing-unfinished"
    message_zh = "系统 {system} 没有中断的启用。"
    message_en = "System {system} has no application that was broken off."
    mend_zh = "不需要做什么。"
    mend_en = "Nothing has to be done."


class ApplySwitched(ApplyError):
    """The new release is in force already; what is left can only be gone on with."""

    code = "apply-switched"
    message_zh = "系统 {system} 已切换到 {version}，不能再撤回。"
    message_en = "System {system} has switched to {version} and cannot be taken back."
    mend_zh = "运行 yw system apply --resume {system} 做完余下的步骤；要回到旧样，请发布新版本。"
    mend_en = "Run yw system apply --resume {system} for what is left; to go back, apply a further release."


class SystemDrifted(ApplyError):
    """Somebody altered the system's tables by hand."""

    code = "apply-drifted"
    message_zh = "系统 {system} 的数据表被人手工改过：{changes}。"
    message_en = "Tables of {system} were altered by hand: {changes}."
    mend_zh = "把它们改回去；确需保留，请写进系统包再启用。"
    mend_en = "Put them back; what is to stay belongs into the package."


class ConfirmationMissing(ApplyError):
    """The release narrows, and nobody confirmed it."""

    code = "apply-not-confirmed"
    message_zh = "这一版有 {count} 处收窄：{changes}。"
    message_en = "This release narrows in {count} places: {changes}."
    mend_zh = "核对后加上 --confirm 并写明理由；旧数据都会留下。"
    mend_en = "Look at them, then give --confirm with the reason; all old data is kept."


class VersionTooLow(ApplyError):
    """The version says less than what changes."""

    code = "apply-version-low"
    message_zh = "版本 {version} 说得太轻：有这些改动至少应是 {least}。"
    message_en = "Version {version} says too little: with these changes it is {least} at least."
    mend_zh = "把 system.yaml 的 version 改为 {least} 或更高。"
    mend_en = "Set version in system.yaml to {least} or higher."


class ChangeUnsupported(ApplyError):
    """A change that is not made on tables with data."""

    code = "apply-change-unsupported"
    message_zh = "不能直接这样改：{change}。"
    message_en = "This is not changed in place: {change}."
    mend_zh = "新建一个字段或数据表承接，旧的保留；两版都在用完后再撤旧的。"
    mend_en = "Declare a new field or table for it and keep the old one until nobody uses it."


class StoriesFailed(ApplyError):
    """The package has no story, or one that does not come true."""

    code = "apply-stories"
    message_zh = "系统 {system} 的故事没有通过：{stories}。"
    message_en = "Stories of {system} do not pass: {stories}."
    mend_zh = "在 stories/ 里写至少一个故事，用 yw system story 跑通。"
    mend_en = "Write a story in stories/ and run it with yw system story until it passes."


class StepFailed(ApplyError):
    """A step did not succeed; what was done before was taken back."""

    code = "apply-step-failed"
    message_zh = "启用 {system} 时“{step}”没有成功，已全部撤回，数据没有变：{reason}"
    message_en = (
        "Applying {system} failed at: {step}. All of it was taken back and no data has changed. {reason}"
    )
    mend_zh = "按原因改系统包或数据，再启用。"
    mend_en = "Mend the package or the data as the reason says, and apply again."


class OwnerUnknown(ApplyError):
    """No agency of this node answers for the system."""

    code = "apply-owner-unknown"
    message_zh = "本节点没有 {owner} 的机构可作系统 {system} 的负责部门。"
    message_en = "No agency of this node ({owner}) can answer for system {system}."
    mend_zh = "用 --owner 给出负责部门的统一社会信用代码，或先登记该部门。"
    mend_en = "Name the agency with --owner (its unified social credit code), or register it first."


class SystemOfAnother(ApplyError):
    """The id belongs to a system of another agency."""

    code = "apply-system-of-another"
    message_zh = "系统 {system} 由别的部门负责，不能用这个名称。"
    message_en = "System {system} is another agency's; the name is taken."
    mend_zh = "换一个系统 id；确属移交，用 --owner 给出原负责部门。"
    mend_en = "Choose another id; if it was handed over, name its owner with --owner."
