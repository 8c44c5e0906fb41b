"""Errors of the catalogue, one tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yiwang.vocabulary.errors import YwError
from yiwang.vocabulary.forms import Mistaken

if TYPE_CHECKING:
    from yiwang.blocks.catalogue.domain.census.defects import Defect


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


class ResourceInvalid(Mistaken, CatalogueError):
    """The draft has mistakes; `problems` says where each stands."""

    code = "resource-invalid"
    message_zh = "目录条目有 {count} 处需要修改：{where}。"
    message_en = "The entry has {count} mistakes to correct: {where}."
    mend_zh = "逐处修改后再保存。"
    mend_en = "Correct each of them and save again."


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


class ClassUnknown(CatalogueError):
    """The first three digits of a classification are on the node's list of 类 and 项."""

    code = "resource-class-unknown"
    message_zh = "分类 {classification} 的类、项不在本平台的分类表中。"
    message_en = "The class of {classification} is not in this node's classification."
    mend_zh = "从分类表中选择；确需新增的，请数据局维护分类表。"
    mend_en = "Choose one of the list, or ask the data bureau to add it."


class EditedMeanwhile(CatalogueError):
    """Somebody else saved the entry after the editor had opened it; nothing was overwritten."""

    code = "resource-edited-meanwhile"
    message_zh = "{resource} 在您编辑期间已由{name}修改，您的内容没有保存，也没有丢失。"
    message_en = "{name} changed {resource} while you were editing; yours is neither saved nor lost."
    mend_zh = "对照两份内容，选择保留哪一份，再次保存。"
    mend_en = "Compare the two, choose what to keep, and save again."


class StageWrong(CatalogueError):
    """The step does not fit where the text stands on its way to publication."""

    code = "resource-stage-wrong"
    message_zh = "{resource} 现在“{stage_zh}”，不能执行这一步。"
    message_en = "{resource} is {stage_en} now, which does not allow this step."
    mend_zh = "等待这一步完成，或先撤回到编写。"
    mend_en = "Wait for that step, or recall the text first."


class SamePerson(CatalogueError):
    """Whoever wrote or reviewed a text does not check it again: each check is another person's."""

    code = "resource-same-person"
    message_zh = "{resource} 的编写、审核和保密审查须由不同的人完成，您已参与其中一步。"
    message_en = "Writing, review and secrecy review of {resource} are done by different people; you did one."
    mend_zh = "请另一位审批人办理这一步。"
    mend_en = "Ask another approver to do this step."


class ConclusionMissing(CatalogueError):
    """A secrecy review states its conclusion, and a return its reason."""

    code = "resource-conclusion-missing"
    message_zh = "请写明 {resource} 的保密审查结论或退回理由。"
    message_en = "State the conclusion of the secrecy review of {resource}, or the reason of returning it."
    mend_zh = "填写后再提交。"
    mend_en = "Fill it in and submit again."


class ReviewMissing(CatalogueError):
    """This node publishes only what was reviewed and cleared."""

    code = "resource-review-missing"
    message_zh = "{resource} 尚未通过审核和保密审查，不能发布。"
    message_en = "{resource} has not passed review and secrecy review yet."
    mend_zh = "先提交审核。"
    mend_en = "Submit it for review first."


class NoticeRunning(CatalogueError):
    """Consumers were told of a narrowing change; it is published when their notice has run."""

    code = "resource-notice-running"
    message_zh = "{resource} 的变更已通知使用部门，{day} 起才能发布。"
    message_en = "The users of {resource} were told of the change; it can be published from {day}."
    mend_zh = "到期后再发布；急需变更的，请与使用部门协商后撤回重新提交。"
    mend_en = "Publish then, or recall it and settle the change with the users."


class PolicyWrong(CatalogueError):
    """The days of notice are out of range."""

    code = "catalogue-policy-wrong"
    message_zh = "通知期应为 0 至 90 天。"
    message_en = "The notice is between 0 and 90 days."
    mend_zh = "改为范围内的天数。"
    mend_en = "Give a number of days in this range."


class SheetDefective(CatalogueError):
    """The census sheet has defects; `defects` names each cell, and nothing was taken in."""

    code = "census-defective"
    message_zh = "普查表有 {count} 处错误，没有导入任何内容。首处：{first}。"
    message_en = "The census sheet has {count} defects; nothing was taken in. The first is at {first}."
    mend_zh = "按清单逐格修改后重新上传。"
    mend_en = "Correct the cells of the list and upload it again."

    def __init__(self, defects: tuple[Defect, ...]) -> None:
        first = f"{defects[0].sheet}!{defects[0].cell}" if defects else ""
        super().__init__(count=len(defects), first=first)
        self.defects = defects


class SheetTooLong(CatalogueError):
    """The uploaded file is larger than is read."""

    code = "census-too-large"
    message_zh = "文件超过 {limit} MB。"
    message_en = "The file is larger than {limit} MB."
    mend_zh = "分成几个文件导入。"
    mend_en = "Import it in parts."


class ImportOutdated(CatalogueError):
    """The catalogue changed between preview and import."""

    code = "census-preview-outdated"
    message_zh = "预览之后目录有了变化，没有导入任何内容。"
    message_en = "The catalogue changed since the preview; nothing was taken in."
    mend_zh = "重新预览，确认后再导入。"
    mend_en = "Look at the preview again, then import."


class UploadGone(CatalogueError):
    """An uploaded sheet is kept for a day, for the one who uploaded it."""

    code = "no-such-upload"
    message_zh = "上传的文件已不在，或不是您上传的。"
    message_en = "The uploaded file is gone, or somebody else uploaded it."
    mend_zh = "重新上传。"
    mend_en = "Upload it again."


class FeedMalformed(CatalogueError):
    """The feed of another catalogue is not in the form that is read."""

    code = "feed-malformed"
    message_zh = "目录数据格式不符：{reason}。"
    message_en = "The feed is not in the form that is read: {reason}."
    mend_zh = "按 docs/howto/import-a-census.md 的格式提供数据。"
    mend_en = "Serve it in the form of docs/howto/import-a-census.md."


class FeedUnknown(CatalogueError):
    """No such feed, or not in the reach of the one who asks."""

    code = "no-such-feed"
    message_zh = "没有编号为 {feed} 的目录来源。"
    message_en = "There is no feed {feed}."
    mend_zh = "刷新列表。"
    mend_en = "Reload the list."


class FeedInvalid(CatalogueError):
    """A feed is not set up as it must be."""

    code = "feed-invalid"
    message_zh = "目录来源填写有误：{reason_zh}。"
    message_en = "The feed is not right: {reason_en}."
    mend_zh = "修改后再保存。"
    mend_en = "Correct it and save again."
