"""The stories of a package run, each on a stage of its own that is taken back whatever happens."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from yiwang.blocks.registry.actions.stories.people import put_in_people
from yiwang.blocks.registry.actions.stories.playing import Play, words_of, words_of_given
from yiwang.blocks.registry.actions.stories.stage import Stage, begin, set_up
from yiwang.blocks.registry.domain.labels import Label
from yiwang.blocks.registry.domain.releasing.roles import Roles
from yiwang.blocks.registry.domain.stories.report import PackageReport, StepReport, StoryReport
from yiwang.blocks.registry.domain.stories.waiting import AFTER, given_waits_for, waits_for
from yiwang.systems.cel.evaluating import Evaluator
from yiwang.systems.model.exchange import Given, Story, StoryStep
from yiwang.systems.model.package import Package


def run_stories(
    package: Package, others: Mapping[str, Package], roles: Roles, only: str | None = None
) -> PackageReport:
    """Run the stories of a checked package on the connection at hand, whose role must own the node's tables.

    Args:
        others: packages it may refer to, by system id.
        roles: database roles that its tables are opened to.
        only: the id of one story; else all.
    """
    told = [one for one in package.stories if only in (None, one.id)]
    return PackageReport(package.id, tuple(run_story(package, others, one, roles) for one in told))


def run_story(package: Package, others: Mapping[str, Package], story: Story, roles: Roles) -> StoryReport:
    """Run one story; nothing of it stays."""
    now = datetime.fromisoformat(story.clock)
    with transaction.atomic():
        stage = set_up(package, others, story, roles, now)
        steps = _played(stage, story, now)
        transaction.set_rollback(True)
    return StoryReport(story.id, Label(story.title.zh, story.title.en), tuple(steps))


def _played(stage: Stage, story: Story, now: datetime) -> list[StepReport]:
    """What became of each step; none is run after one that waits, because it may build on it."""
    play = Play(stage, now, Evaluator(story.place_code))
    put_in_people(stage, now)
    done: list[StepReport] = []
    for given in story.given:
        done.append(_after(given) if _waits(done) else play.given(given))
    begin(stage, now)
    for step in story.steps:
        done.append(_after(step) if _waits(done) else play.step(step))
    return done


def _waits(done: list[StepReport]) -> bool:
    return any(one.state == "waits" for one in done)


def _after(one: Given | StoryStep) -> StepReport:
    what = words_of(one) if isinstance(one, StoryStep) else words_of_given(one)
    waiting = waits_for(one) if isinstance(one, StoryStep) else given_waits_for(one)
    return StepReport(one.place, what, "waits", found=waiting or AFTER)
