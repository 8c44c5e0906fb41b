"""Errors of sealing keys, one tree."""

from __future__ import annotations

from yiwang.vocabulary.errors import YwError


class SealingError(YwError):
    """Something about the generations of a sealing key is not as it must be."""

    code = "sealing"
    message_zh = "密钥操作没有完成。"
    message_en = "That could not be done with the key."
    mend_zh = "请按提示处理后再试。"
    mend_en = "Do what is named and try again."


class SealingTurned(SealingError):
    """The key was replaced at the very moment in which a value was sealed by the old one; nothing was written."""

    code = "sealing-key-turned"
    permanent = False
    message_zh = "保存时加密密钥正在更换，这次没有保存。"
    message_en = "The key was being replaced just then; nothing was saved."
    mend_zh = "再提交一次。"
    mend_en = "Send it again."


class GenerationUnknown(SealingError):
    """There is no such generation of the key."""

    code = "sealing-generation-unknown"
    message_zh = "{purpose} 没有第 {generation} 代密钥。"
    message_en = "There is no generation {generation} of the key {purpose}."
    mend_zh = "用 ./yw keys list 看有哪些。"
    mend_en = "See which there are with ./yw keys list."


class GenerationPresent(SealingError):
    """The newest generation of a key seals new values and cannot be retired."""

    code = "sealing-generation-present"
    message_zh = "{purpose} 的第 {generation} 代密钥正在使用，不能停用。"
    message_en = "Generation {generation} of the key {purpose} is in use and cannot be retired."
    mend_zh = "先更换：./yw keys rotate {purpose}。"
    mend_en = "Replace it first: ./yw keys rotate {purpose}."


class GenerationInUse(SealingError):
    """Values are still sealed by the generation that is to be retired."""

    code = "sealing-generation-in-use"
    message_zh = "还有 {values} 个值用 {purpose} 的第 {generation} 代密钥加密，不能停用。"
    message_en = "{values} values are still sealed by generation {generation} of the key {purpose}: it cannot be retired."
    mend_zh = "先重新加密：./yw keys reseal {purpose}。"
    mend_en = "Seal them anew first: ./yw keys reseal {purpose}."


class KeyUnknown(SealingError):
    """There is no key of this name to replace."""

    code = "sealing-key-unknown"
    message_zh = "没有叫 {purpose} 的密钥，可用的是 {known}。"
    message_en = "There is no key called {purpose}; there are {known}."
    mend_zh = "改成其中一个。"
    mend_en = "Name one of these."
