"""A new generation of a key, the end of the older ones, and the destruction of one that opens nothing more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from django.db import connection, transaction

from yiwang.blocks.journal.public import record_event
from yiwang.blocks.sealing.domain.generations import check_retirement
from yiwang.blocks.sealing.queries import generations
from yiwang.blocks.sealing.store.models import Generation

_ALONE = "SELECT pg_advisory_xact_lock(hashtext('yiwang.sealing.' || %s), %s)"
"""Waits for every transaction that seals by a generation; 0 is none."""


def hold(purpose: str) -> int:
    """The generation to seal by until the transaction at hand ends; none older is closed before that."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sealing_hold(%s)", [purpose])
        return int(cursor.fetchone()[0])


@transaction.atomic
def begin_generation(purpose: str, by: str, now: datetime) -> int:
    """Let a new key seal from now on; what older ones sealed stays readable. Gives the number of the new generation."""
    with connection.cursor() as cursor:
        cursor.execute(_ALONE, [purpose, 0])  # one after another
    number = hold(purpose) + 1
    Generation.objects.get_or_create(purpose=purpose, generation=1)
    Generation.objects.create(purpose=purpose, generation=number, begun_at=now, begun_by=by)
    record_event("sealing-key-begun", now, detail={"key": purpose, "generation": number, "by": by})
    return number


def close_older(purpose: str, now: datetime) -> int:
    """From here on nothing is sealed by an older generation, whatever a process remembers; gives the present one.

    Waits for transactions under way that seal by an older one.
    """
    present = hold(purpose)
    older = Generation.objects.filter(purpose=purpose, generation__lt=present)
    with transaction.atomic():
        older.filter(closed_at=None).update(closed_at=now)
    for number in older.filter(retired_at=None).values_list("generation", flat=True):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_ALONE, [purpose, number])
    return present


def retire_generation(
    purpose: str,
    generation: int,
    by: str,
    now: datetime,
    count: Callable[[], Mapping[int, int]],
    destroy: Callable[[int], None],
) -> None:
    """Destroy the key of a generation that no value needs any more; once begun it can be repeated.

    Args:
        purpose, generation: the key.
        by: who does it.
        now: the present.
        count: tells how many values are sealed by each generation; asked after the older ones are closed.
        destroy: destroys the keys of a generation where they are kept.

    Raises: GenerationUnknown, GenerationPresent, GenerationInUse.
    """
    close_older(purpose, now)
    known = {one.generation: one for one in generations(purpose)}
    check_retirement(purpose, generation, known, count())
    with transaction.atomic():
        row = Generation.objects.select_for_update().get(purpose=purpose, generation=generation)
        if row.retired_at is None:
            row.retired_at = now
            row.save(update_fields=["retired_at"])
            record_event(
                "sealing-key-retired", now, detail={"key": purpose, "generation": generation, "by": by}
            )
    destroy(generation)
