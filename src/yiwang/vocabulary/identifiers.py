"""What all identifier checks share: the base of their errors, warnings, normal form and masking."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from yiwang.vocabulary.errors import YwError

_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


class IdentifierError(YwError):
    """A value is not a valid identifier of its kind."""

    code: ClassVar[str] = "identifier-invalid"
    message_zh: ClassVar[str] = "编号不合规。"
    message_en: ClassVar[str] = "The identifier is not valid."
    mend_zh: ClassVar[str] = "请对照证件或登记材料核对后重填。"
    mend_en: ClassVar[str] = "Compare it with the document it comes from and enter it again."


class IdentifierEmpty(IdentifierError):
    """The value is empty."""

    code: ClassVar[str] = "identifier-empty"
    message_zh: ClassVar[str] = "没有填写。"
    message_en: ClassVar[str] = "The value is empty."
    mend_zh: ClassVar[str] = "请补填；确实没有的，请按数据项的规定填写“无”的原因。"
    mend_en: ClassVar[str] = "Fill it in; if there is none, say so in the way the data item provides."


@dataclass(frozen=True, slots=True)
class Notice:
    """Something worth a look about a value that is nevertheless accepted."""

    code: str
    zh: str
    en: str

    def text(self, language: str) -> str:
        """The notice in `zh` or `en`."""
        return self.zh if language.startswith("zh") else self.en


def normal_form(text: str) -> str:
    """Full-width to half-width, surrounding blanks off, upper case. No character is ever replaced by a look-alike."""
    if not text.isascii():
        text = text.translate(_HALF_WIDTH)
    return text.strip().upper()


def mask(text: str, *, first: int = 6, last: int = 4, sign: str = "*") -> str:
    """Hides the middle of a number: `110105********002X` with the customary 6 + 4.

    A text that would stay readable because it is not longer than what is kept is hidden altogether.
    """
    if first < 0 or last < 0:
        raise ValueError("first and last must not be negative")
    hidden = len(text) - first - last
    if hidden <= 0:
        return sign * len(text)
    return text[:first] + sign * hidden + text[len(text) - last :]
