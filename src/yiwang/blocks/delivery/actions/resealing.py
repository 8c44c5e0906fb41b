"""Passwords of targets and rows in quarantine, sealed anew by the present generation of their keys while jobs run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final

from yiwang.blocks.delivery.store import models
from yiwang.blocks.delivery.store.quarantine import renewed
from yiwang.blocks.delivery.store.sealing import PASSWORDS, open_password, password_generation, seal_password
from yiwang.blocks.exchange.public import SYSTEM
from yiwang.blocks.identity.public import acting
from yiwang.blocks.sealing.public import hold
from yiwang.vocabulary.crypto import SealBroken, generation_of

_TOLD: Final = 500
"""Rows after which progress is told."""


def sealed_targets() -> Mapping[int, int]:
    """How many passwords of targets are of each generation."""
    with acting(SYSTEM):
        found = models.Target.objects.values_list("sealed_password", flat=True)
        return dict(Counter(map(password_generation, found)))


def reseal_targets() -> tuple[int, int]:
    """Seal those of older generations anew, each in its own transaction; gives how many were, and how many do not open.

    It can be repeated. Raises: KeysNotWired, KeyMissing, KeyRetired.
    """
    done = broken = 0
    with acting(SYSTEM):
        keys = list(models.Target.objects.order_by("pk").values_list("pk", flat=True))
    for key in keys:
        with acting(SYSTEM):
            row = models.Target.objects.select_for_update().filter(pk=key).first()
            if row is None or password_generation(row.sealed_password) == hold(PASSWORDS):
                continue
            try:
                password = open_password(row.pk, row.sealed_password)
            except SealBroken:
                broken += 1
                continue
            row.sealed_password = seal_password(row.pk, password)
            row.save(update_fields=["sealed_password"])
            done += 1
    return done, broken


def sealed_rows() -> Mapping[int, int]:
    """How many rows in quarantine are of each generation."""
    with acting(SYSTEM):
        found = models.HeldRow.objects.values_list("sealed", flat=True).iterator(chunk_size=1000)
        return dict(Counter(generation_of(bytes(one)) for one in found))


def reseal_rows(tell: Callable[[int], None]) -> tuple[int, int]:
    """Seal rows of older generations anew, and make the digests by which they are found, each in its own transaction.

    Gives how many were, and how many do not open. It can be repeated. Raises: KeysNotWired, KeyMissing, KeyRetired.
    """
    done = broken = 0
    with acting(SYSTEM):
        keys = list(models.HeldRow.objects.order_by("pk").values_list("pk", flat=True))
    for key in keys:
        with acting(SYSTEM):
            row = models.HeldRow.objects.select_for_update().filter(pk=key).first()
            try:
                changed = row is not None and renewed(row)
            except SealBroken:
                broken += 1
                continue
            if row is not None and changed:
                row.save(update_fields=["mark", "same", "sealed"])
                done += 1
                if done % _TOLD == 0:
                    tell(done)
    return done, broken
