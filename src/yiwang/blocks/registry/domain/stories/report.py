"""What became of a story: every step with its place, what was expected, what was found, and the mend."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from yiwang.blocks.registry.domain.labels import Label
from yiwang.systems.reading.places import Place

State = Literal["passed", "failed", "waits"]
NOTHING = Label("")
_MARKS = {"passed": ("通过", "passed"), "failed": ("不符", "failed"), "waits": ("待后续", "waits")}


@dataclass(frozen=True, slots=True)
class StepReport:
    """One step, or the rows that a story begins with.

    Attributes:
        what: who did what, in short.
        expected, found, mend: of a failed step; of one that waits `found` says for what.
    """

    place: Place
    what: Label
    state: State
    expected: Label = NOTHING
    found: Label = NOTHING
    mend: Label = NOTHING

    def lines(self, language: str) -> Iterator[str]:
        """The step as text."""
        mark = _MARKS[self.state][0 if language.startswith("zh") else 1]
        yield f"  {mark} {self.place.file}:{self.place.line}  {self.what.text(language)}"
        if self.state == "failed":
            zh = language.startswith("zh")
            yield f"      {'应为' if zh else 'expected'} {self.expected.text(language)}"
            yield f"      {'实为' if zh else 'found'} {self.found.text(language)}"
            yield f"      {'改法' if zh else 'mend'} {self.mend.text(language)}"
        elif self.state == "waits":
            yield f"      {self.found.text(language)}"

    def as_json(self) -> dict[str, object]:
        """The step for machines."""
        found: dict[str, object] = {
            "file": self.place.file, "line": self.place.line, "column": self.place.column, "state": self.state,
            "what": _both(self.what),
        }  # fmt: skip
        for name, label in (("expected", self.expected), ("found", self.found), ("mend", self.mend)):
            if label.zh:
                found[name] = _both(label)
        return found


@dataclass(frozen=True, slots=True)
class StoryReport:
    """A story: `whole` where every step was run and came out as told."""

    id: str
    title: Label
    steps: tuple[StepReport, ...]

    @property
    def failed(self) -> bool:
        """Whether a step came out otherwise than told."""
        return any(one.state == "failed" for one in self.steps)

    @property
    def whole(self) -> bool:
        """Whether nothing failed and nothing waits."""
        return all(one.state == "passed" for one in self.steps)

    def lines(self, language: str) -> Iterator[str]:
        """The story as text."""
        zh = language.startswith("zh")
        done = sum(one.state == "passed" for one in self.steps)
        if self.failed:
            verdict = "不符" if zh else "failed"
        elif self.whole:
            verdict = "通过" if zh else "passed"
        else:
            verdict = f"通过 {done} 步，其余待后续" if zh else f"{done} steps passed, the rest waits"
        yield f"{self.title.text(language)} ({self.id}): {verdict}"
        for step in self.steps:
            yield from step.lines(language)


@dataclass(frozen=True, slots=True)
class PackageReport:
    """The stories of a package.

    A package passes when none of its stories fails and at least one runs whole: docs/specs/packages.md, ADR 0161.
    """

    system: str
    stories: tuple[StoryReport, ...]

    @property
    def passed(self) -> bool:
        """Whether the package may be applied."""
        return not any(one.failed for one in self.stories) and any(one.whole for one in self.stories)

    @property
    def failed(self) -> tuple[str, ...]:
        """The ids of the stories that keep the package from being applied."""
        if self.passed:
            return ()
        return tuple(one.id for one in self.stories if one.failed) or tuple(one.id for one in self.stories)

    def lines(self, language: str) -> list[str]:
        """The report as text, the verdict last."""
        found = [line for story in self.stories for line in story.lines(language)]
        zh = language.startswith("zh")
        if self.passed:
            found.append(f"{self.system}：故事通过" if zh else f"{self.system}: its stories pass")
        elif any(one.failed for one in self.stories):
            found.append(
                f"{self.system}：有故事不符，不能启用" if zh else f"{self.system}: a story fails, not applied"
            )
        else:
            found.append(
                f"{self.system}：没有能完整运行的故事，不能启用"
                if zh
                else f"{self.system}: no story runs whole, not applied"
            )
        return found

    def as_json(self) -> dict[str, object]:
        """The report for machines."""
        return {
            "system": self.system,
            "passed": self.passed,
            "stories": [
                {
                    "id": one.id, "title": _both(one.title), "whole": one.whole, "failed": one.failed,
                    "steps": [step.as_json() for step in one.steps],
                }
                for one in self.stories
            ],
        }  # fmt: skip


def _both(label: Label) -> dict[str, str]:
    return {"zh": label.zh, "en": label.en or label.zh}
