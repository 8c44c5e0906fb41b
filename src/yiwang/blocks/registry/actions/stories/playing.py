"""Playing a story: who does what, what is refused, and what must then be true."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta

from yiwang.blocks.registry.actions.figures import count_figures
from yiwang.blocks.registry.actions.records import change_record, create_record, withdraw_record
from yiwang.blocks.registry.actions.stories.stage import Stage, Told
from yiwang.blocks.registry.actions.stories.truth import Row, Truth
from yiwang.blocks.registry.domain.compiled import Entity, Field, System
from yiwang.blocks.registry.domain.errors import (
    RecordInvalid,
    RecordRefused,
    RecordUnknown,
    RegistryError,
)
from yiwang.blocks.registry.domain.figures.periods import CHINA
from yiwang.blocks.registry.domain.labels import Label
from yiwang.blocks.registry.domain.stories.report import StepReport
from yiwang.blocks.registry.domain.stories.waiting import given_waits_for, names_in, waits_for
from yiwang.blocks.registry.domain.values import KEY_SEPARATOR
from yiwang.blocks.registry.queries.records import Wanted, by_key, records
from yiwang.blocks.registry.store.entering import Errand
from yiwang.systems.cel.evaluating import Evaluator, ExpressionFailed
from yiwang.systems.model.base import Duration, Expr
from yiwang.systems.model.exchange import Given, StoryStep
from yiwang.systems.reading.places import Place
from yiwang.vocabulary.working_days import working_calendar

_TRY = Label("核对这一步的写法与声明是否一致", "compare the step with what the package declares")
_ACCESS = Label("改 access.yaml 的规则，或改故事", "change the rules of access.yaml, or the story")


class _Failed(Exception):
    """A step came out otherwise than told."""

    def __init__(self, expected: Label, found: Label, mend: Label = _TRY, place: Place | None = None) -> None:
        super().__init__(found.en)
        self.expected, self.found, self.mend, self.place = expected, found, mend, place


class Play:
    """A story under way on its stage."""

    def __init__(self, stage: Stage, now: datetime, evaluator: Evaluator) -> None:
        self.stage, self.now, self.evaluator = stage, now, evaluator
        self.bound: dict[str, tuple[Entity, int]] = {}
        self.let: dict[str, object] = {}
        self.answer: object = None
        self.truth = Truth(stage, now)

    def given(self, one: Given) -> StepReport:
        """Put rows in that are there when the story begins."""
        what = words_of_given(one)
        waiting = given_waits_for(one)
        if waiting is not None:
            return StepReport(one.place, what, "waits", found=waiting)
        return self._told(one.place, what, lambda: self._put_in(one))

    def step(self, step: StoryStep) -> StepReport:
        """Play a step."""
        what = words_of(step)
        waiting = waits_for(step)
        if waiting is not None:
            return StepReport(step.place, what, "waits", found=waiting)
        return self._told(step.place, what, lambda: self._play(step))

    def _told(self, place: Place, what: Label, act: Callable[[], None]) -> StepReport:
        try:
            act()
        except _Failed as wrong:
            return StepReport(wrong.place or place, what, "failed", wrong.expected, wrong.found, wrong.mend)
        return StepReport(place, what, "passed")

    def _put_in(self, one: Given) -> None:
        system, entity = self.stage.system, self._entity(one.entity or "")
        for row in one.rows.value if isinstance(one.rows.value, list) else ():
            number = self._create(self.stage.teller, entity, _mapping(row), one.place)
            if one.as_:
                self.bound[one.as_] = (entity, number)
            self.truth = Truth(self.stage, self.now)
            parts = _mapping(one.parts.value) if one.parts is not None else {}
            for name, rows in parts.items():
                part = next((p for p in entity.parts if p.id == name), None)
                if part is None:
                    raise _Failed(Label("声明过的子表", "a declared part"), Label(name, name))
                key = self._key(system, entity, number)
                for child in rows if isinstance(rows, list) else ():
                    self._create(
                        self.stage.teller, self._entity(part.entity), {**_mapping(child), part.by: key}, one.place
                    )  # fmt: skip
        self.truth = Truth(self.stage, self.now)

    def _create(self, errand: Errand, entity: Entity, row: Mapping[str, object], place: Place) -> int:
        try:
            return create_record(
                errand, self.stage.system.id, entity.id, self._values(entity, row), self.now,
                since=_day(row, "since") if entity.history == "bitemporal" and "since" not in _ids(entity) else None,
            )  # fmt: skip
        except RegistryError as refused:
            raise _Failed(Label("可以写入", "it can be written"), _reason(refused), _TRY, place) from None

    def _play(self, step: StoryStep) -> None:
        if step.wait is not None:
            self.now = _later(self.now, step.wait.value, self.stage.story.place_code)
            self.truth = Truth(self.stage, self.now)
        elif step.does is not None:
            for who in step.who:
                for _ in range(step.times or 1):
                    self._act(who, step)
        for name, expr in step.let.items():
            self.let[name] = self._value(expr)
        for expr in step.expect:
            self._expect(expr)

    def _act(self, who: str, step: StoryStep) -> None:
        if step.entity is None:
            raise _Failed(Label("entity: 表名", "entity: a table"), Label("没有写", "none is named"))
        if step.refused is None and not self.stage.knows(who):
            raise _Failed(
                Label(
                    f"系统的角色或故事中的人，如 {self._roles()}",
                    f"a role or a person, such as {self._roles()}",
                ),
                Label(who, who),
            )
        entity = self._entity(step.entity)
        verb = "read" if step.does == "read" else "write"
        told = Told(step.in_ or "", step.purpose, step.case)
        errand = self.stage.errand(who, entity, verb, told, self.now)
        try:
            seen = self._done(errand, entity, step)
        except RegistryError as refused:
            _compare(step, refused)
            return
        if step.refused is not None and not (step.does == "read" and not seen):
            raise _Failed(
                Label(f"被拒绝：{step.refused}", f"refused: {step.refused}"),
                Label("没有被拒绝", "it was not refused"), _ACCESS,
            )  # fmt: skip

    def _done(self, errand: Errand, entity: Entity, step: StoryStep) -> bool:
        """Do it; whether anything was seen."""
        system = self.stage.system
        values = _mapping(step.with_.value) if step.with_ is not None else {}
        since, until = _date(step.since), _date(step.until)
        if step.does == "read":
            return self._read(errand, entity, step)
        if step.does == "create":
            number = create_record(
                errand, system.id, entity.id, self._values(entity, values), self.now, since=since, until=until
            )
            if step.as_:
                self.bound[step.as_] = (entity, number)
        else:
            number, first = self._meant(entity, step)
            if step.does == "withdraw":
                withdraw_record(
                    errand, system.id, entity.id, number, self.now, since=since or first, until=until
                )
            else:
                begin = since or (first if step.does == "correct" else None)
                change_record(
                    errand, system.id, entity.id, number, self._values(entity, values), self.now, since=begin,
                    until=until,
                )  # fmt: skip
        self.truth = Truth(self.stage, self.now)
        return True

    def _read(self, errand: Errand, entity: Entity, step: StoryStep) -> bool:
        system = self.stage.system
        if step.key or step.use:
            key = step.key or self._keys(entity, step.use or "")
            found = by_key(errand, system.id, entity.id, key, self.now)
            self.answer = Truth(self.stage, self.now).row(system, entity, found, 0)
            return True
        view = None
        if step.view is not None:
            view = next((v for _, views in system.views for v in views if v.id == step.view), None)
        page = records(errand, system.id, entity.id, Wanted({}, size=500, counted=False), self.now, view=view)
        reader = Truth(self.stage, self.now)
        self.answer = [reader.row(system, entity, one, 0) for one in page.records]
        return bool(page.records)

    def _meant(self, entity: Entity, step: StoryStep) -> tuple[int, date | None]:
        """The record that a step changes, found by the engine's hand, and the first day that it is about."""
        system = self.stage.system
        if step.use is not None and step.use in self.bound:
            number = self.bound[step.use][1]
            for one in self.truth.records(system, entity):
                if one.id == number:
                    return number, one.since
            raise RecordUnknown()
        found = by_key(self.stage.teller, system.id, entity.id, step.key, self.now)
        return found.id, found.since

    def _keys(self, entity: Entity, name: str) -> dict[str, str]:
        key = self._key(self.stage.system, entity, self.bound[name][1]) if name in self.bound else ""
        return dict(zip(entity.key, key.split(KEY_SEPARATOR), strict=False))

    def _key(self, system: System, entity: Entity, number: int) -> str:
        for one in Truth(self.stage, self.now).records(system, entity):
            if one.id == number:
                return KEY_SEPARATOR.join(str(one.values[name]) for name in entity.key)
        return ""

    def _values(self, entity: Entity, row: Mapping[str, object]) -> dict[str, object]:
        """Values as the registry reads them: a name of the story stands for the key of its record or person."""
        fields = {one.id: one for one in entity.fields}
        return {name: self._meaning(fields.get(name), value) for name, value in row.items()}

    def _meaning(self, field: Field | None, value: object) -> object:
        if field is None or not isinstance(value, str):
            return value
        if field.kind == "ref" and value in self.bound:
            entity, number = self.bound[value]
            return self._key(self.stage.system, entity, number)
        if value in self.stage.people and field.kind in ("ref", "resident_id"):
            return self.stage.people[value].id
        return value

    def _scope(self, text: str) -> dict[str, object]:
        system = self.stage.system
        asked = names_in(text)
        people = {
            name: {"id": one.id, "name": one.name, "phone": one.phone}
            for name, one in self.stage.people.items()
        }
        scope: dict[str, object] = {**people, **self._clock(), **self.let, "answer": self.answer}
        for name, (entity, number) in self.bound.items():
            if name in asked:
                scope[name] = self.truth.record(system, entity, number)
        if "tables" in asked:
            scope["tables"] = {one.id: self.truth.table(system, one) for one in system.entities}
        if "figures" in asked:
            count_figures(self.now, system.id, rebuild=True)
            scope["figures"] = self.truth.figures()
        if "quality" in asked:
            scope["quality"] = self.truth.quality(self.evaluator, self._clock())
        return {name: value for name, value in scope.items() if name in asked}

    def _clock(self) -> Row:
        return {"now": self.now, "today": self.now.astimezone(CHINA).date()}

    def _value(self, expr: Expr) -> object:
        try:
            return self.evaluator.value(expr.text, self._scope(expr.text))
        except ExpressionFailed as failed:
            raise _Failed(
                Label(expr.text, expr.text), Label(failed.text("zh"), failed.text("en")), _TRY, expr.place
            ) from None  # fmt: skip

    def _expect(self, expr: Expr) -> None:
        found = self._value(expr)
        if found is not True:
            shown = "false" if found is False else type(found).__name__
            raise _Failed(
                Label(expr.text, expr.text), Label(f"不成立（{shown}）", f"it is {shown}"), _TRY, expr.place
            )

    def _entity(self, name: str) -> Entity:
        try:
            return self.stage.system.entity(name)
        except KeyError:
            raise _Failed(Label("声明过的表", "a declared table"), Label(name, name)) from None

    def _roles(self) -> str:
        return ", ".join(one.id for one in self.stage.package.access.roles)


def _compare(step: StoryStep, refused: RegistryError) -> None:
    """Whether an error is the refusal that the step tells of. Raises: _Failed."""
    if step.refused is None:
        raise _Failed(Label("可以办成", "it is done"), _reason(refused), _ACCESS)
    code, _, field = step.refused.partition(":")
    if code.startswith("registry-"):
        fields = [one.field for one in refused.problems] if isinstance(refused, RecordInvalid) else []
        if refused.code != code or (field.strip() and field.strip() not in fields):
            raise _Failed(Label(step.refused, step.refused), _reason(refused))
        return
    if not isinstance(refused, RecordRefused | RecordUnknown):
        raise _Failed(
            Label(f"因权限被拒绝：{step.refused}", f"refused by access: {step.refused}"), _reason(refused),
            Label(f"若本就应因此被拒，写 refused: {refused.code}", f"if that is meant, write refused: {refused.code}"),
        )  # fmt: skip


def _reason(refused: RegistryError) -> Label:
    more_zh = more_en = ""
    if isinstance(refused, RecordInvalid):
        more_zh = "".join(f"；{one.field}：{one.message_zh}" for one in refused.problems)
        more_en = "".join(f"; {one.field}: {one.message_en}" for one in refused.problems)
    return Label(
        f"{refused.text('zh')} [{refused.code}]{more_zh}", f"{refused.text('en')} [{refused.code}]{more_en}"
    )  # fmt: skip


def words_of(step: StoryStep) -> Label:
    """Who does what, in short."""
    who = "、".join(step.who)
    about = step.entity or step.item or step.form or step.task or step.service or step.interface or ""
    done = step.does or next(
        (name for name in ("wait", "exchange", "landing", "fuse") if getattr(step, name)), ""
    )
    text = " ".join(part for part in (who, done or "expect", about) if part)
    if step.refused is None:
        return Label(text, text)
    return Label(f"{text}（应被拒绝）", f"{text} (to be refused)")


def words_of_given(one: Given) -> Label:
    """The rows that a story begins with, in short."""
    return Label(f"已有 {one.entity or one.landing}", f"given {one.entity or one.landing}")


def _mapping(value: object) -> dict[str, object]:
    return {str(name): one for name, one in value.items()} if isinstance(value, dict) else {}


def _ids(entity: Entity) -> set[str]:
    return {one.id for one in entity.fields}


def _day(row: Mapping[str, object], name: str) -> date | None:
    value = row.get(name)
    return date.fromisoformat(value) if isinstance(value, str) else None


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text is not None else None


def _later(now: datetime, wait: object, place: str) -> datetime:
    """The clock after a wait: a span, or until the morning of a day."""
    if isinstance(wait, dict):
        day = date.fromisoformat(str(wait["until"]))
        return datetime.combine(day, time(9), CHINA)
    span = Duration.parse(str(wait))
    match span.unit:
        case "min":
            return now + timedelta(minutes=span.amount)
        case "h" | "wh":
            return now + timedelta(hours=span.amount)
        case "wd":
            local = now.astimezone(CHINA)
            due = working_calendar(place[:6]).due(local.date(), span.amount)
            return datetime.combine(due, local.timetz())
        case _:
            days = {"d": 1, "mo": 30, "y": 365}[span.unit] * span.amount
            return now + timedelta(days=days)
