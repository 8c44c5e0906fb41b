"""What a declaration lets somebody see, by a naive reading of it: which rules count, and which fields they list."""

from __future__ import annotations

from django.db import connection

from yiwang.blocks.identity.public import Actor
from yiwang.blocks.registry.domain.quoting import name
from yiwang.blocks.registry.public import Entity, Field, Rule, System


def counts(rule: Rule, role: str, purpose: str, case: str) -> bool:
    return (
        role in rule.roles and (not rule.purposes or purpose in rule.purposes) and (not rule.open_case or bool(case))
    )  # fmt: skip


def holds(system: System, entity: Entity, rule: Rule) -> bool:
    """Whether the rule's condition on rows holds for the one row there is, asked as the owner."""
    if rule.rows is None:
        return True
    table = entity.table(system.id)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT coalesce(({rule.rows}), FALSE) FROM {name(table.schema, table.name)} AS {name('row')}".replace(
                "%", "%%"
            )
        )
        return bool(cursor.fetchone()[0])


def told(actor: Actor, purpose: str, case: str, role: str, person: str = "", phone: str = "") -> None:
    settings = {"agency": actor.agency, "region": actor.region, "user": str(actor.user_id), "roles": "",
                "system_roles": role, "purpose": purpose, "case": case, "division": actor.region, "person": person,
                "phone": phone}  # fmt: skip
    with connection.cursor() as cursor:
        for one, value in settings.items():
            cursor.execute("SELECT set_config(%s, %s, true)", [f"yw.{one}", value])


def expected(
    system: System, entity: Entity, verb: str, role: str, purpose: str, case: str, actor: Actor, *, masked: bool = True
) -> set[str] | None:  # fmt: skip
    """The fields that the declaration shows of the row, without `masked` those it shows openly; None where none is."""
    told(actor, purpose, case, role)
    counting = [
        rule for rule in entity.rules
        if verb in rule.verbs and counts(rule, role, purpose, case) and holds(system, entity, rule)
        and (masked or not rule.masked)
    ]  # fmt: skip
    if not counting:
        return None
    every = {one.id for one in entity.fields}
    return set().union(*(every if rule.fields is None else every & set(rule.fields) for rule in counting))


def plain_field(field: Field) -> bool:
    """Whether the owner can put a value into it by SQL."""
    return field.derived is None and not field.encrypted
