"""What a step asks of the engine that it cannot do yet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from yiwang.blocks.registry.domain.labels import Label
from yiwang.systems.cel.functions import STORY_SIGNATURES
from yiwang.systems.cel.parsing import parse
from yiwang.systems.cel.tree import Ast, Call, Name, children
from yiwang.systems.model.exchange import Given, StoryStep

VERBS: Final = ("create", "change", "correct", "withdraw", "read")
"""What a step can do with records."""
_CASES: Final = Label("等办件引擎", "waits for the engine of cases")
_FORMS: Final = Label("等表单引擎", "waits for the engine of forms")
_FUSION: Final = Label("等融合引擎", "waits for the engine of fusion")
_EXCHANGE: Final = Label("等系统间的交换", "waits for exchange between systems")
_OPENING: Final = Label("等开放接口", "waits for open interfaces")
AFTER: Final = Label("在待后续的步骤之后，没有运行", "comes after a step that waits, so it was not run")
_VARIABLES: Final = {"case": _CASES, "lights": _CASES}
_FUNCTIONS: Final = {
    "uses_of": _EXCHANGE, "source_of": _FUSION, "quarantine": _FUSION, "repairs": _FUSION,
    "delta_equals_rebuild": _FUSION,
}  # fmt: skip


def waits_for(step: StoryStep) -> Label | None:
    """For what a step waits; None where it can be run."""
    if step.fuse is not None or step.landing is not None:
        return _FUSION
    if step.exchange is not None or step.service is not None:
        return _EXCHANGE
    if step.interface is not None:
        return _OPENING
    if step.form is not None or step.item is not None:
        return _FORMS
    if step.task is not None or (step.does is not None and step.does not in VERBS):
        return _CASES
    for expr in (*step.expect, *step.let.values()):
        for name in _asked(parse(expr.text)):
            if name in _VARIABLES:
                return _VARIABLES[name]
            if name in _FUNCTIONS:
                return _FUNCTIONS[name]
    return None


def given_waits_for(given: Given) -> Label | None:
    """For what rows that a story begins with wait."""
    return _FUSION if given.landing is not None else None


def _asked(tree: Ast) -> Iterator[str]:
    if isinstance(tree, Name):
        yield tree.name
    if isinstance(tree, Call) and tree.function in {one.name for one in STORY_SIGNATURES}:
        yield tree.function
    for child in children(tree):
        yield from _asked(child)


def names_in(text: str) -> frozenset[str]:
    """Variables and story functions that an expression asks for."""
    return frozenset(_asked(parse(text)))
