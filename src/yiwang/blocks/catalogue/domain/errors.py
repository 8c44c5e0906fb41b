"""Errors of the catalogue, one tree."""

from __future__ import annotations

from yiwang.blocks.catalogue.domain.resource import Problem
from yiwang.vocabulary.errors import YwError


class CatalogueError(YwError):
    """Something about a catalogue entry is not as it must be."""

    code = "catalogue"
    message_zh = "目录操作没有完成。"
    message_en = "The catalogue could not do that."
    mend_zh = "请按提示修改后再试。"
    mend_en = "Change what is named and try again."


class ResourceUnknown(CatalogueError):
    """No resource with this code is visible to the one who asks."""

    code = "no-such-resource"
    message_zh = "没有编码为 {resource} 的信息资源，或您无权查看。"
    message_en = "There is no resource with code {resource} that you may see."
    mend_zh = "请核对资源编码；在目录中搜索。"
    mend_en = "Check the code, or search the catalogue."


class ResourceNotYours(CatalogueError):
    """Only a data officer of the providing agency edits its entries."""

    code = "resource-not-yours"
    message_zh = "只有提供方的数据专员可以修改 {resource}。"
    message_en = "Only a data officer of the providing agency may change {resource}."
    mend_zh = "请联系提供方的数据专员。"
    mend_en = "Ask a data officer of the providing agency."


class ResourceInvalid(CatalogueError):
    """The draft has mistakes; `problems` says where each stands."""

    code = "resource-invalid"
    message_zh = "目录条目有 {count} 处需要修改：{where}。"
    message_en = "The entry has {count} mistakes to correct: {where}."
    mend_zh = "逐处修改后再保存。"
    mend_en = "Correct each of them and save again."

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(count=len(problems), where=[problem.where for problem in problems])
        self.problems = problems


class ResourceStateWrong(CatalogueError):
    """The action does not fit the state of the resource."""

    code = "resource-state-wrong"
    message_zh = "{resource} 现在是“{state_zh}”，不能执行这一操作。"
    message_en = "{resource} is {state_en} now, which does not allow this."
    mend_zh = "刷新页面，看它现在的状态。"
    mend_en = "Reload the page and look at its present state."


class VersionUnknown(CatalogueError):
    """The resource has no such edition."""

    code = "no-such-version"
    message_zh = "{resource} 没有第 {version} 版。"
    message_en = "{resource} has no version {version}."
    mend_zh = "请从版本列表中选择。"
    mend_en = "Choose one from the list of versions."


class TitleTaken(CatalogueError):
    """The agency already has a resource of this name."""

    code = "resource-title-taken"
    message_zh = "本部门已有名为“{title}”的信息资源。"
    message_en = "Your agency already has a resource named “{title}”."
    mend_zh = "换一个名称，或修改已有的条目。"
    mend_en = "Choose another name, or edit the existing entry."


class WithdrawalWithoutReason(CatalogueError):
    """Withdrawing an entry needs a reason that its users can read."""

    code = "resource-withdrawal-without-reason"
    message_zh = "撤回 {resource} 请写明理由。"
    message_en = "Withdrawing {resource} needs a reason."
    mend_zh = "正在使用的部门会看到这段文字。"
    mend_en = "The agencies that use it will read it."
