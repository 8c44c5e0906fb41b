"""Systems in force on the node, and what was done to bring them there: for those who run and who check it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec

from yiwang.blocks.identity.public import AUDITOR, OPERATOR, Actor
from yiwang.blocks.registry.domain.errors import SystemUnknown
from yiwang.blocks.registry.domain.labels import Label
from yiwang.blocks.registry.domain.releasing.steps import PHASES, steps_of
from yiwang.blocks.registry.store import models

ApplicationState = Literal["waiting", "running", "done", "undone"]
SHOWN = 20


@dataclass(frozen=True, slots=True)
class SystemRow:
    """A system in force. `unfinished`: an application of it was begun and is not at its end."""

    id: str
    title: Label
    owner: str
    version: str
    applied_at: datetime
    applied_by: str
    tables: int
    roles: int
    stories: int
    unfinished: bool
    waiting: str


@dataclass(frozen=True, slots=True)
class StepView:
    """A step of an application. `done` of about `total` rows, where it walks over a table."""

    phase: Label
    what: Label
    state: str
    done: int
    total: int
    started_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class ChangeView:
    """A change of a plan in words. `effect` is additive, backfill or confirm."""

    text: Label
    effect: str
    breaking: bool


@dataclass(frozen=True, slots=True)
class ApplicationView:
    """An application of a release."""

    id: int
    system: str
    version: str
    before: str
    state: ApplicationState
    started_at: datetime
    ended_at: datetime | None
    by: str
    confirmation: str
    problem: str
    changes: tuple[ChangeView, ...]
    steps: tuple[StepView, ...]

    @property
    def done(self) -> int:
        """How many steps are done."""
        return sum(step.state == "done" for step in self.steps)

    @property
    def switched(self) -> bool:
        """Whether the release is in force."""
        return any(step.state == "done" and step.phase == PHASES["switch"] for step in self.steps)


def systems_in_force(actor: Actor) -> tuple[SystemRow, ...]:
    """All systems in force, by id. Raises: NotAllowed."""
    actor.require(OPERATOR, AUDITOR)
    pending = dict(
        models.Apply.objects.filter(state__in=("running", "waiting"))
        .order_by("id")
        .values_list("system", "state")
    )
    versions = dict(
        models.Apply.objects.filter(state="waiting").order_by("id").values_list("system", "version")
    )
    rows = models.System.objects.filter(state="active").order_by("id")
    return tuple(
        SystemRow(
            row.id, msgspec.convert(row.title, Label), row.owner, row.version, row.applied_at, row.applied_by,
            len(row.package["entities"]), len(row.package.get("roles", ())), len(row.package.get("stories", ())),
            pending.get(row.id) == "running", versions.get(row.id, ""),
        )
        for row in rows
    )  # fmt: skip


def system_row(actor: Actor, system: str) -> SystemRow:
    """One system in force. Raises: NotAllowed, SystemUnknown."""
    found = next((row for row in systems_in_force(actor) if row.id == system), None)
    if found is None:
        raise SystemUnknown(system=system)
    return found


def applications(actor: Actor, system: str = "") -> tuple[ApplicationView, ...]:
    """The last applications, of one system or of all, the newest first. Raises: NotAllowed."""
    actor.require(OPERATOR, AUDITOR)
    rows = models.Apply.objects.order_by("-id").prefetch_related("steps")
    if system:
        rows = rows.filter(system=system)
    return tuple(_view(row) for row in rows[:SHOWN])


def _view(row: models.Apply) -> ApplicationView:
    planned = steps_of(row.plan)
    steps = []
    for one in row.steps.all():
        what = planned[one.position].what
        phase = planned[one.position].phase
        steps.append(
            StepView(
                PHASES[phase], what, one.state, one.done_rows, one.total_rows, one.started_at, one.ended_at
            )
        )
    changes = tuple(
        ChangeView(msgspec.convert(one["text"], Label), one["effect"], one["breaking"])
        for one in row.plan["changes"]
    )
    return ApplicationView(
        row.pk, row.system, row.version, row.plan["before"] or "", msgspec.convert(row.state, ApplicationState),
        row.started_at, row.ended_at, row.by, row.confirmation, row.problem, changes, tuple(steps),
    )  # fmt: skip
