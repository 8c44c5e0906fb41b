"""A dispute 校核 through its life, as pure decisions.

open → accepted (the data were wrong and are corrected) | upheld (they are right, with the reason). Silence past the
term of the rule in force is escalated; it is never assent. Rule: 政务数据共享条例 (State Council Decree 809), 校核.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from yiwang.vocabulary.forms import Problem

State = Literal["sent", "open", "accepted", "upheld", "rejected"]
STATES: dict[str, tuple[str, str]] = {
    "sent": ("已送出", "on its way"),
    "open": ("待提供方核实", "with the provider"),
    "accepted": ("已更正", "corrected"),
    "upheld": ("核实无误", "found right"),
    "rejected": ("不予受理", "not taken up"),
}
ENDED: frozenset[str] = frozenset({"accepted", "upheld", "rejected"})


@dataclass(frozen=True)
class DisputeForm:
    """What whoever received wrong data says. `key` names the row by its items."""

    field: str
    key: dict[str, str]
    given: str
    proposed: str
    reason: str


def problems(form: DisputeForm, fields: frozenset[str]) -> tuple[Problem, ...]:
    """What is wrong with it; `fields` are the items of the resource."""
    found: list[Problem] = []
    if form.field not in fields:
        found.append(Problem("field", "选择有误的数据项。", "Choose the item that is wrong."))
    key = {name: value for name, value in form.key.items() if value.strip()}
    if not key or set(key) - fields or any(len(value) > 200 for value in key.values()):
        found.append(
            Problem(
                "key",
                "写明是哪一行：至少一个数据项和它的值。",
                "Name the row by at least one item and its value.",
            )
        )
    if len(form.reason.strip()) < 5:
        found.append(
            Problem("reason", "写明依据，至少 5 个字。", "Give the reason, in at least 5 characters.")
        )
    if form.given.strip() and form.given.strip() == form.proposed.strip():
        found.append(
            Problem("proposed", "应为的值与收到的值相同。", "The right value is the one that was received.")
        )
    if len(form.given) > 200 or len(form.proposed) > 200:
        found.append(Problem("proposed", "值不能超过 200 个字。", "A value has at most 200 characters."))
    return tuple(found)


def answer_problems(outcome: str, text: str, value: str) -> tuple[Problem, ...]:
    """What is wrong with the provider's answer."""
    found: list[Problem] = []
    if outcome not in ("accepted", "upheld"):
        found.append(Problem("outcome", "选择结论。", "Choose the outcome."))
    if len(text.strip()) < 2:
        found.append(Problem("text", "写明核实的结果。", "Say what was found."))
    if outcome == "accepted" and not value.strip():
        found.append(Problem("value", "写明更正后的值。", "Give the corrected value."))
    if len(value) > 200:
        found.append(Problem("value", "值不能超过 200 个字。", "A value has at most 200 characters."))
    return tuple(found)
