"""The people of a story as records: where a table of persons is referred to, each has a row there.

A table of persons is one whose only key is a resident id. What it requires beside is filled from the person: names
into texts, the birth date of the id into dates, the sex of the id into a list that has it, else the first code.
"""

from __future__ import annotations

from datetime import datetime

from yiwang.blocks.registry.actions.records import create_record
from yiwang.blocks.registry.actions.stories.stage import Stage
from yiwang.blocks.registry.domain.compiled import Entity, Field, System
from yiwang.systems.model.exchange import Person


def put_in_people(stage: Stage, now: datetime) -> None:
    """Write them into every table of persons that the system under test refers to. Raises: RegistryError."""
    wanted = {
        field.target for one in stage.system.entities for field in one.fields if field.target is not None
    }
    for system in stage.systems.values():
        for entity in system.entities:
            if (system.id, entity.id) in wanted and _of_persons(entity) and system.id != stage.system.id:
                for person in stage.people.values():
                    if person.id:
                        create_record(
                            stage.teller, system.id, entity.id, _values(system, entity, person), now
                        )


def _of_persons(entity: Entity) -> bool:
    return len(entity.key) == 1 and entity.field(entity.key[0]).kind == "resident_id"


def _values(system: System, entity: Entity, person: Person) -> dict[str, object]:
    made: dict[str, object] = {entity.key[0]: person.id}
    for field in entity.fields:
        if field.required and field.id not in made and field.derived is None and field.default is None:
            made[field.id] = _value(system, field, person)
    return made


def _value(system: System, field: Field, person: Person) -> object:
    digits = person.id[6:14]
    match field.kind:
        case "date":
            return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"
        case "code":
            codes = [one.code for one in system.codes.get(field.argument, ())]
            sex = "1" if int(person.id[16]) % 2 else "2"
            return sex if sex in codes else next(iter(codes), None)
        case "phone":
            return person.phone
        case "integer" | "money":
            return 0
        case "boolean":
            return False
        case _:
            return person.name
