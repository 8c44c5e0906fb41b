"""Passwords of targets, rows in quarantine and keys of spools, sealed anew by the present generation while jobs run."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final

from yiwang.blocks.delivery.store import models
from yiwang.blocks.delivery.store.quarantine import renewed
from yiwang.blocks.delivery.store.sealing import (
    PASSWORDS,
    ROWS,
    open_password,
    open_spool_key,
    password_generation,
    seal_password,
    seal_spool_key,
)
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
    """How many rows in quarantine, and keys of spools, are of each generation."""
    with acting(SYSTEM):
        rows = models.HeldRow.objects.values_list("sealed", flat=True).iterator(chunk_size=1000)
        found = Counter(generation_of(bytes(one)) for one in rows)
        spools = models.Job.objects.exclude(spool_key="").values_list("spool_key", flat=True)
        found.update(generation_of(base64.b64decode(one)) for one in spools)
        return dict(found)


def reseal_rows(tell: Callable[[int], None]) -> tuple[int, int]:
    """Seal rows and keys of spools of older generations anew, and make the digests of rows, each in its own transaction.

    Gives how many were, and how many do not open. It can be repeated. Raises: KeysNotWired, KeyMissing, KeyRetired.
    """
    done, broken = _reseal_spools()
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


def _reseal_spools() -> tuple[int, int]:
    done = broken = 0
    with acting(SYSTEM):
        jobs = list(models.Job.objects.exclude(spool_key="").order_by("pk").values_list("pk", flat=True))
    for job in jobs:
        with acting(SYSTEM):
            row = models.Job.objects.select_for_update().filter(pk=job).first()
            if row is None or not row.spool_key:
                continue
            if generation_of(base64.b64decode(row.spool_key)) == hold(ROWS):
                continue
            try:
                key = open_spool_key(job, row.spool_key)
            except SealBroken:
                broken += 1
                continue
            row.spool_key = seal_spool_key(job, key)
            row.save(update_fields=["spool_key"])
            done += 1
    return done, broken
