"""Types of expressions made from the declaration: entities, rules, forms, needs, and what the engine itself gives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from yiwang.systems.cel.types import (
    BOOL,
    DATE,
    DATETIME,
    DOUBLE,
    DURATION,
    DYN,
    INT,
    STRING,
    TIME,
    CelType,
    list_of,
    record,
)  # fmt: skip
from yiwang.systems.model.entities import Entity
from yiwang.systems.model.exchange import Need
from yiwang.systems.model.forms import Form, FormField
from yiwang.systems.model.journal import CALL, CALL_FIELDS
from yiwang.systems.model.package import Package
from yiwang.systems.model.processes import DecisionTable, Process, Rule, RuleParameter
from yiwang.systems.model.types import FieldType

ACTOR: Final = record(
    "actor",
    {"id": STRING, "person": STRING, "org": STRING, "division": STRING, "phone": STRING,
     "roles": list_of(STRING), "tickets": list_of(DYN)},
)  # fmt: skip
APPLICANT: Final = record("applicant", {"id": STRING, "name": STRING, "phone": STRING})
PHONE_CALL: Final = record("call", {"number": STRING})
CLOCK: Final = record(
    "clock",
    {"used_percent": INT, "used": INT, "late": BOOL, "stopped": BOOL, "left_workdays": INT, "late_workdays": INT,
     "due": TIME, "left": INT, "allowed": STRING},
)  # fmt: skip
BUILT_IN_FIELDS: Final[dict[str, CelType]] = {"created": DATETIME, "changed": DATETIME}
"""What every row has beside its declared fields."""
_SCALARS: Final = {
    "integer": INT, "money": INT, "decimal": DOUBLE, "boolean": BOOL, "date": DATE, "datetime": DATETIME,
    "duration": DURATION, "point": CelType("point"), "geometry": CelType("geometry"),
}  # fmt: skip
FUSION_TABLES: Final = ("conflict", "landing")
"""Tables that the fusion engine keeps for every package with fusion.yaml."""


@dataclass(slots=True)
class World:
    """A package among the packages it can refer to."""

    package: Package
    others: Mapping[str, Package] = field(default_factory=dict)
    _records: dict[tuple[str, str], CelType] = field(default_factory=dict)

    def find(self, name: str, home: Package | None = None) -> tuple[Package, Entity] | None:
        """The entity of `member` or `population.person`, with its package."""
        system, dot, entity = name.rpartition(".")
        home = home or self.package
        owner = (
            home
            if not dot or system == home.id
            else (self.package if system == self.package.id else self.others.get(system))
        )
        found = owner.entity(entity) if owner else None
        return None if owner is None or found is None else (owner, found)

    def record_of(self, name: str, home: Package | None = None) -> CelType:
        """The record type of an entity; dyn where it is not known."""
        found = self.find(name, home)
        if found is None:
            return DYN
        owner, entity = found
        made = self._records.get((owner.id, entity.id))
        if made is None:
            made = CelType(
                "record", name=f"{owner.id}.{entity.id}", fields=lambda: self._fields(owner, entity)
            )
            self._records[owner.id, entity.id] = made
        return made

    def _fields(self, owner: Package, entity: Entity) -> Mapping[str, CelType]:
        made = {
            one.id: self.type_of(one.type, owner).optional(one.nullable and one.id not in entity.key)
            for one in entity.fields
        }
        made.update({part.id: list_of(self.record_of(part.entity, owner)) for part in entity.parts})
        return {**BUILT_IN_FIELDS, **made}

    def type_of(self, kind: FieldType, home: Package | None = None) -> CelType:
        """The type of expressions for a type of the package."""
        owner = home or self.package
        if kind.kind == "ref":
            return self.record_of(kind.argument, owner)
        if kind.item is not None:
            return list_of(self.type_of(kind.item, owner))
        if kind.kind == "code":
            codes = owner.code_list(kind.argument)
            return CelType(
                "string", codes=f"{owner.id}.{kind.argument}", known=codes.values if codes else frozenset()
            )
        return _SCALARS.get(kind.kind, STRING)

    def tables(self, every: bool = False) -> CelType:
        """`tables`: the reference tables, or in stories all."""
        found = {
            one.id: list_of(self.record_of(one.id)) for one in self.package.entities if every or one.reference
        }
        if every and self.package.fusion is not None:
            found.update({name: list_of(DYN) for name in FUSION_TABLES})
        return record("tables", found)

    def parameter(self, one: RuleParameter) -> CelType:
        """`p.<name>`: the value, or a map by the key that is left open."""
        found = next((p for p in self.package.parameters if p.id == one.of), None)
        if found is None:
            return DYN
        made = self.type_of(found.type)
        for key in found.by:
            if key not in one.keys:
                made = CelType("map", item=made)
        return made

    def parameters(self, rule: Rule) -> CelType:
        """`p` of a rule."""
        return record("p", {name: self.parameter(one) for name, one in rule.parameters.items()})

    def outputs(self, table: DecisionTable) -> CelType:
        """What a decision table gives."""
        made = record(table.id, {name: self.type_of(kind) for name, kind in table.outputs.items()})
        return list_of(made) if table.hit == "collect" else made

    def result(self, rule: Rule) -> CelType:
        """`out` of a rule."""
        found = {one.id: self.type_of(one.type) for one in rule.formulas}
        found.update({one.id: self.outputs(one) for one in rule.tables})
        return record(rule.id, {**found, "p": self.parameters(rule)})

    def answer(self, need: Need) -> CelType:
        """`out` of a need."""
        found: dict[str, CelType] = {
            name: self.type_of(kind).optional() for name, kind in need.answer.items()
        }
        asked = self.record_of(need.resource or "").members()
        for name in need.fields:
            found.setdefault(name, asked.get(name, DYN).optional())
        for name in need.claims:
            found.setdefault(name, STRING)
        return record(need.id, {**found, "evidence": STRING})

    def form(self, form: Form | None) -> CelType:
        """`form`: every field of every step."""
        if form is None:
            return DYN
        return record("form", self.fields(field for step in form.steps for field in step.fields))

    def fields(self, fields: Iterable[FormField]) -> dict[str, CelType]:
        """Fields of a form by id; a repeat group is a list of records."""
        found: dict[str, CelType] = {}
        for one in fields:
            if one.kind == "group":
                found[one.id] = list_of(record(one.id, self.fields(one.fields)))
            elif one.type is not None:
                made = self.type_of(one.type)
                found[one.id] = made if made.kind == "list" else made.optional(not one.required)
        return found

    def case(self, *processes: Process) -> CelType:
        """`case` of processes."""
        clocks: dict[str, CelType] = {}
        for process in processes:
            clocks.update({one.id: CLOCK for one in process.clocks})
            clocks.update({one.id: CLOCK for one in process.steps if one.due or one.time})
        return record(
            "case",
            {"number": STRING, "step": STRING, "result": STRING.optional(), "round": INT, "place": STRING,
             "opened": TIME, "accepted": TIME, "finished": TIME.optional(), "due": TIME,
             "clock": record("clock", clocks), "steps": list_of(STRING), "tasks": list_of(DYN),
             "certificates": list_of(DYN), "documents": list_of(DYN)},
        )  # fmt: skip

    def call(self) -> CelType:
        """`call`: an entry of the journal about a resource of the package, with codes where its values are known."""
        tables = tuple(one.id for one in self.package.entities)
        found = {}
        for one in CALL_FIELDS:
            known = tables if one.id == "entity" else one.values
            made = (
                CelType(one.kind, codes=f"journal.{one.id}", known=frozenset(known))
                if known
                else CelType(one.kind)
            )
            found[one.id] = made.optional(one.nullable)
        return record(CALL, found)

    def process(self, name: str) -> Process | None:
        """A process by id."""
        return next((one for one in self.package.processes if one.id == name), None)

    def rule(self, name: str) -> Rule | None:
        """A rule by id."""
        return next((one for one in self.package.rules if one.id == name), None)

    def need(self, name: str) -> Need | None:
        """A need by id."""
        return next((one for one in self.package.exchange.needs if one.id == name), None)

    def form_of(self, name: str) -> Form | None:
        """A form by id."""
        return next((one for one in self.package.forms if one.id == name), None)
