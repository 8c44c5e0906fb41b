"""Errors of asking for many at once and of kept texts, in exchange's tree."""

from __future__ import annotations

from yiwang.blocks.exchange.domain.errors import ExchangeError
from yiwang.vocabulary.errors import YwError


class BasketFull(ExchangeError):
    """More resources than one bundle holds."""

    code = "basket-full"
    message_zh = "一次最多申请 {limit} 项资源。"
    message_en = "At most {limit} resources can be asked for at once."
    mend_zh = "先提交申请篮里的，再选其余的。"
    mend_en = "Hand in what is in the basket first, then choose the rest."


class BundleEmpty(ExchangeError):
    """Nothing was chosen."""

    code = "bundle-empty"
    message_zh = "没有选中任何资源。"
    message_en = "No resource was chosen."
    mend_zh = "在目录里把要用的资源放入申请篮，再来提交。"
    mend_en = "Put resources into the basket from the catalogue, then hand it in."


class BundleInvalid(ExchangeError):
    """Some resources of a bundle cannot be asked for so; none was."""

    code = "bundle-invalid"
    message_zh = "有 {count} 项不能这样申请，全部没有提交：{resources}。"
    message_en = "{count} resources cannot be asked for so; nothing was handed in: {resources}."
    mend_zh = "按每项下的提示改，或把它移出申请篮。"
    mend_en = "Change each as told beside it, or take it out of the basket."

    def __init__(self, problems: dict[str, YwError]) -> None:
        super().__init__(count=len(problems), resources=list(problems))
        self.problems = problems


class BundleUnknown(ExchangeError):
    """No bundle with this number is visible to the one who asks."""

    code = "no-such-bundle"
    message_zh = "没有编号为 {bundle} 的批量申请，或您无权查看。"
    message_en = "There is no bundle {bundle} that you may see."
    mend_zh = "请核对编号。"
    mend_en = "Check the number."


class PhraseUnknown(ExchangeError):
    """The agency keeps no such text."""

    code = "no-such-phrase"
    message_zh = "本部门没有这条常用语。"
    message_en = "Your agency keeps no such text."
    mend_zh = "从常用语列表里选。"
    mend_en = "Choose one from the list."


class PhraseTaken(ExchangeError):
    """The agency keeps a text of this name for this step already."""

    code = "phrase-taken"
    message_zh = "同一步已有名为“{title}”的常用语。"
    message_en = "There is already a text named “{title}” for this step."
    mend_zh = "换一个名称，或修改原来那条。"
    mend_en = "Choose another name, or change that one."
