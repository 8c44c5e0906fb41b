"""What of an entity leaves it, and how good it is: services, quality rules."""

from __future__ import annotations

from yiwang.blocks.registry.domain.compiled import Check, Service, Truth
from yiwang.blocks.registry.domain.compiling.expressions import Expressions
from yiwang.systems.cel.declaring import World
from yiwang.systems.cel.sql import NotSql
from yiwang.systems.model import base, entities


def services_of(world: World, entity: entities.Entity) -> tuple[Service, ...]:
    """The services of an entity. Raises: NotSql."""
    share = entity.share
    return tuple(
        Service(
            id=one.id, mode=one.mode, share_type=one.type or share.type, condition=_asked(share, one).zh,
            condition_en=_asked(share, one).en,
            by=one.by, fields=one.fields, claims=one.claims, same=one.same, cursor=one.cursor,
            rows=Expressions(world, entity).table(one.rows) if one.rows is not None else None,
            subjects_per_day=one.limits.subjects_per_day or 0,
            attempts_per_subject=one.limits.attempts_per_subject or 0,
            reply_days=one.reply_days or share.reply_days or 0,
        )
        for one in share.services
    )  # fmt: skip


def _asked(share: entities.Share, one: entities.Service) -> base.Label:
    return one.condition if one.condition.zh else share.condition


def checks_of(world: World, entity: entities.Entity) -> tuple[Check, ...]:
    """The quality rules of an entity, each with an id of its own; those of the database itself come from the fields."""
    found: list[Check] = []
    for one in entity.quality:
        named = one.id or "_".join((one.rule, *one.fields, *([one.field] if one.field else ())))
        taken = {check.id for check in found}
        number = 2
        made = named
        while made in taken:
            made, number = f"{named}_{number}", number + 1
        found.append(
            Check(
                id=made, rule=one.rule, fields=one.fields or ((one.field,) if one.field else ()), low=one.min,
                high=one.max, kind=one.kind, within=str(one.within) if one.within is not None else "",
                when=_truth(world, entity, one.when), expr=_truth(world, entity, one.expr),
                dimension=one.dimension, severity=one.severity, message=one.message.zh, message_en=one.message.en, to=one.to or "",
            )
        )  # fmt: skip
    return tuple(found)


def _truth(world: World, entity: entities.Entity, expr: base.Expr | None) -> Truth | None:
    """A condition; in its own words alone where an encrypted field keeps it from being SQL."""
    if expr is None:
        return None
    try:
        return Expressions(world, entity).truth(expr)
    except NotSql:
        return Truth(expr.text, "", None)
