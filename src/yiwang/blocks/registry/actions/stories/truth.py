"""What is true on the stage: all records as the teller reads them, in the form that expressions take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Final

from yiwang.blocks.registry.actions.stories.stage import Stage
from yiwang.blocks.registry.domain.compiled import Check, Entity, Field, System
from yiwang.blocks.registry.domain.figures.declared import ADDITIVE
from yiwang.blocks.registry.domain.figures.judging import verdict
from yiwang.blocks.registry.domain.figures.periods import start_of
from yiwang.blocks.registry.domain.values import KEY_SEPARATOR
from yiwang.blocks.registry.queries.listing import MOST, Wanted
from yiwang.blocks.registry.queries.reading import Record
from yiwang.blocks.registry.queries.records import records
from yiwang.blocks.registry.store import models
from yiwang.systems.cel.evaluating import Evaluator

DEPTH: Final = 2
"""So many references and parts are followed from a record."""
Row = dict[str, object]
Table = tuple[str, str]


class Truth:
    """The records of every table of the stage at a moment; made anew after each step that writes."""

    def __init__(self, stage: Stage, now: datetime) -> None:
        self._stage, self._now = stage, now
        self._systems = {one.id: one for one in stage.systems.values()}
        self._records: dict[Table, list[Record]] = {}

    def table(self, system: System, entity: Entity) -> list[Row]:
        """All records of a table."""
        return [self.row(system, entity, one) for one in self.records(system, entity)]

    def row(self, system: System, entity: Entity, record: Record, depth: int = DEPTH) -> Row:
        """A record with the records it refers to and its parts."""
        made: Row = {"created": record.known, "changed": record.known}
        for field in entity.fields:
            value = record.values[field.id]
            made[field.id] = (
                self._referred(field, value, depth) if field.target is not None else given(field, value)
            )
        for part in entity.parts:
            made[part.id] = list(self._parts(system, entity, record, part.entity, part.by, depth))
        return made

    def record(self, system: System, entity: Entity, number: int) -> Row | None:
        """A record by its number, None where it is withdrawn."""
        for one in self.records(system, entity):
            if one.id == number:
                return self.row(system, entity, one)
        return None

    def records(self, system: System, entity: Entity) -> list[Record]:
        """All records of a table as they were read."""
        table = (system.id, entity.id)
        if table not in self._records:
            self._records[table] = list(self._read(system, entity))
        return self._records[table]

    def figures(self) -> Row:
        """The figures of the current period: value, rows, verdict, and `by` dimension and value."""
        found: Row = {}
        for row in models.Figure.objects.filter(system=self._stage.system.id):
            declared = row.definition
            start = start_of(self._now, declared["per"])
            cells = list(row.values.filter(start=start))
            total = next((one for one in cells if not one.dims), None)
            value = total.value if total is not None else None
            if total is None and row.counted_at is not None and declared["counting"] in ADDITIVE:
                value = 0.0
            by: dict[str, Row] = {}
            for one in cells:
                if len(one.dims) == 1:
                    ((path, key),) = one.dims.items()
                    by.setdefault(path, {})[str(key or "")] = {"value": one.value, "rows": one.counted}
            found[row.name] = {
                "value": value, "rows": total.counted if total is not None else 0, "by": by,
                "verdict": verdict(value, declared["target"], declared["direction"]),
                "waits": declared["kind"] == "waiting",
            }  # fmt: skip
        return found

    def quality(self, evaluator: Evaluator, now: Mapping[str, object]) -> Row:
        """How many rows break each quality rule, by entity and rule."""
        system = self._stage.system
        found: Row = {}
        for entity in system.entities:
            rows = self.table(system, entity)
            found[entity.id] = {
                check.id: count
                for check in entity.checks
                if (count := _breaking(check, rows, evaluator, now)) is not None
            }
        return found

    def _read(self, system: System, entity: Entity) -> Iterator[Record]:
        mark: str | None = None
        while True:
            page = records(
                self._stage.teller, system.id, entity.id, Wanted({}, size=MOST, mark=mark, counted=False), self._now
            )  # fmt: skip
            yield from page.records
            mark = page.following
            if mark is None:
                return

    def _referred(self, field: Field, value: object, depth: int) -> object:
        if value is None or field.target is None:
            return None
        system = self._systems[field.target[0]]
        entity = system.entity(field.target[1])
        keys = str(value).split(KEY_SEPARATOR)
        if depth > 0:
            for one in self.records(system, entity):
                if _key(entity, one) == keys:
                    return self.row(system, entity, one, depth - 1)
        return dict(zip(entity.key, keys, strict=True))

    def _parts(
        self, system: System, entity: Entity, record: Record, name: str, by: str, depth: int
    ) -> Iterator[Row]:
        if depth < 1:
            return
        child, key = system.entity(name), KEY_SEPARATOR.join(_key(entity, record))
        for one in self.records(system, child):
            if one.values[by] is not None and str(one.values[by]) == key:
                yield self.row(system, child, one, depth - 1)


def given(field: Field, value: object) -> object:
    """A plain value as expressions take it."""
    if value is None:
        return [] if field.kind in ("codes", "files", "list") else None
    match field.kind:
        case "date":
            return date.fromisoformat(str(value))
        case "datetime":
            return datetime.fromisoformat(str(value))
        case "decimal":
            return float(str(value))
        case _:
            return value


def _key(entity: Entity, record: Record) -> list[str]:
    return KEY_SEPARATOR.join(str(record.values[name]) for name in entity.key).split(KEY_SEPARATOR)


def _breaking(check: Check, rows: list[Row], evaluator: Evaluator, now: Mapping[str, object]) -> int | None:
    """How many rows break a rule; None for a kind that a story does not measure."""

    def counts(row: Row) -> bool:
        return check.when is None or evaluator.holds(check.when.cel, {**now, "row": row})

    tested = [row for row in rows if counts(row)]
    match check.rule:
        case "expr" if check.expr is not None:
            text = check.expr.cel
            return sum(not evaluator.holds(text, {**now, "row": row}) for row in tested)
        case "not_null":
            return sum(any(row[name] is None for name in check.fields) for row in tested)
        case "unique":
            keys = [str([row[name] for name in check.fields]) for row in tested]
            return sum(keys.count(one) > 1 for one in keys)
        case "range":
            return sum(not _within(check, row[name]) for row in tested for name in check.fields)
        case _:
            return None


def _within(check: Check, value: object) -> bool:
    if not isinstance(value, int | float):
        return value is None
    return (check.low is None or value >= check.low) and (check.high is None or value <= check.high)
