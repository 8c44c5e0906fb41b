"""Target databases of a consumer. The database is asked before the transaction, so that a slow one holds no lock."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from yiwang.blocks.delivery.actions.forms import TargetForm, target_problems
from yiwang.blocks.delivery.domain import errors
from yiwang.blocks.delivery.store.hosts import target_reach
from yiwang.blocks.delivery.store.models import Target
from yiwang.blocks.delivery.store.rows import place_of, targets_in_reach
from yiwang.blocks.delivery.store.sealing import seal_password
from yiwang.blocks.exchange.public import as_actor, next_number
from yiwang.blocks.identity.public import DATA_OFFICER, Actor, acting
from yiwang.blocks.journal.public import record_event
from yiwang.dataplane.transfer.mysql import MySQL
from yiwang.dataplane.transfer.postgresql import PostgreSQL


def add_target(actor: Actor, form: TargetForm, now: datetime) -> str:
    """Register a database of the actor's agency after it answered; returns its number.

    Raises: DeliveryNotAllowed, DeliveryInvalid, TargetNameTaken, ConnectorError.
    """
    check_officer(actor)
    if problems := tuple(target_problems(form)):
        raise errors.DeliveryInvalid(problems)
    row = Target(
        agency=actor.agency, agency_name=actor.agency_name, name=form.name.strip(), server=form.server,
        host=form.host.strip(), port=form.port, database=form.database.strip(), user=form.user.strip(), created_at=now,
        created_by=actor.name,
    )  # fmt: skip
    place = place_of(row, form.password, target_reach())
    (PostgreSQL.open(place) if place.server == "postgresql" else MySQL.open(place)).close()
    with acting(actor):
        row.pk = next_number("T", now)
        row.sealed_password = seal_password(row.pk, form.password)
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError as error:
            raise errors.TargetNameTaken(name=row.name) from error
        record_event("table-target-added", now, consumer=row.agency, detail={"target": row.pk})
    return row.pk


@as_actor
def remove_target(actor: Actor, target_id: str, now: datetime) -> None:
    """Forget a target that no job writes to. Raises: DeliveryNotAllowed, TargetUnknown, TargetInUse."""
    check_officer(actor)
    row = targets_in_reach(actor).select_for_update().filter(pk=target_id).first()
    if row is None:
        raise errors.TargetUnknown(target=target_id)
    if jobs := sorted(row.jobs.values_list("pk", flat=True)):
        raise errors.TargetInUse(target=row.name, jobs=jobs)
    row.delete()
    record_event("table-target-removed", now, consumer=actor.agency, detail={"target": target_id})


def check_officer(actor: Actor) -> None:
    """Raises: DeliveryNotAllowed."""
    if not (actor.agency and actor.has(DATA_OFFICER)):
        raise errors.DeliveryNotAllowed(
            needs_zh="使用方的数据专员", needs_en="a data officer of the consuming agency"
        )
