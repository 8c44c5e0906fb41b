"""From one release to the next."""

from __future__ import annotations

from yiwang.blocks.registry.domain.compiled import System
from yiwang.blocks.registry.domain.releasing.installing import created, opened, switched
from yiwang.blocks.registry.domain.releasing.steps import Step
from yiwang.systems.planning.changes import Plan


def change(
    before: System, after: System, plan: Plan, app: str, share: str, number: int
) -> tuple[System, tuple[Step, ...]]:
    """The next release as it will be stored, and the steps that lead to it."""
    steps = [opened(after, app, share)]
    known = {one.id for one in before.entities}
    steps += [created(after, one, app) for one in after.entities if one.id not in known]
    steps.append(switched(after, app, share))
    return after, tuple(steps)
