"""What is wrong with something a person filled in, place by place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from yiwang.vocabulary.errors import YwError


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a form. `where` is the name of its field, such as `fields` or `rows.0.value`."""

    where: str
    zh: str
    en: str


class Mistaken(YwError):
    """A form has mistakes; `problems` says where each stands. Blocks derive their own, with a code."""

    message_zh: ClassVar[str] = "有 {count} 处需要修改：{where}。"
    message_en: ClassVar[str] = "There are {count} mistakes to correct: {where}."
    mend_zh: ClassVar[str] = "逐处修改后再提交。"
    mend_en: ClassVar[str] = "Correct each of them and submit again."

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(count=len(problems), where=[problem.where for problem in problems])
        self.problems = tuple(problems)
