"""The quarantine of a job as the engine wants it, in the node's database: rows are sealed and found by keyed digests."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec
from django.db.models import Count

from yiwang.blocks.delivery.store import models
from yiwang.blocks.delivery.store.sealing import generations_met, keyed, open_row, seal_row
from yiwang.blocks.exchange.public import SYSTEM
from yiwang.blocks.identity.public import acting
from yiwang.dataplane.transfer.shape import BadRow, Key, Value
from yiwang.dataplane.transfer.values import restored, stored
from yiwang.vocabulary.crypto import generation_of

State = Literal["held", "mended", "replayed", "discarded"]
OPEN_ROWS = ("held", "mended")


class Sealed(msgspec.Struct):
    """What is sealed of a row: texts of `transfer.values.stored`."""

    key: str
    names: list[str]
    found: str
    mended: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Opened:
    """A row in quarantine in the clear: it stays inside of an action."""

    key: Key
    found: Mapping[str, Value]
    mended: Mapping[str, Value] | None


class Quarantine:
    """Rows of one job."""

    def __init__(self, job: str) -> None:
        self._job = job

    def put(self, rows: Sequence[BadRow], run: int) -> None:
        """Keep them; a row that is the same as before keeps its state and what was made of it.

        One that was replayed stands in the target no more: it waits for its replay again.
        """
        if not rows:
            return
        now = dt.datetime.now(dt.UTC)
        with acting(SYSTEM):
            generations = generations_met()
            for row in rows:
                key, names, found = stored(row.key), list(row.values), stored(tuple(row.values.values()))
                kept = models.HeldRow.objects.filter(
                    job=self._job, mark__in=_marks(self._job, key, generations)
                )
                reasons = list(row.reasons)
                same = _sames(self._job, names, found, generations)
                known = kept.filter(same__in=same)
                if known.update(run=run, reasons=reasons):
                    known.filter(state="replayed").update(state="mended")
                    continue
                kept.delete()
                fresh = models.HeldRow(job_id=self._job, reasons=reasons, run=run, at=now)
                _seal(fresh, Sealed(key, names, found), generations[0])
                fresh.save(force_insert=True)

    def mended(self, row: BadRow, run: int) -> Mapping[str, Value] | None:
        """What a person made of this row, if it is still the row that they saw and was replayed."""
        with acting(SYSTEM):
            generations = generations_met()
            same = _sames(self._job, list(row.values), stored(tuple(row.values.values())), generations)
            found = models.HeldRow.objects.filter(
                job=self._job, mark__in=_marks(self._job, stored(row.key), generations), same__in=same,
                state="replayed",
            ).first()  # fmt: skip
            if found is None:
                return None
            models.HeldRow.objects.filter(pk=found.pk).update(run=run)
            return opened(found).mended

    def gone(self, before: int) -> int:
        """Forget rows that runs since `before` did not find bad any more."""
        with acting(SYSTEM):
            count, _ = models.HeldRow.objects.filter(job=self._job, run__lt=before).delete()
        return count

    def found(self, key: Key) -> Mapping[str, Value] | None:
        """A row as it was found bad, or None."""
        with acting(SYSTEM):
            marks = _marks(self._job, stored(key), generations_met())
            row = models.HeldRow.objects.filter(job=self._job, mark__in=marks).first()
            return opened(row).found if row is not None else None

    def settle(self, rows: Mapping[Key, tuple[Value, ...] | None]) -> None:
        """These rows are now as given, or gone, and may pass; a row that passes as a person mended it stays known."""
        with acting(SYSTEM):
            if not rows or not models.HeldRow.objects.filter(job=self._job).exists():
                return
            generations = generations_met()
            marks = {
                mark: row for key, row in rows.items() for mark in _marks(self._job, stored(key), generations)
            }
            for held in models.HeldRow.objects.select_for_update().filter(job=self._job, mark__in=marks):
                row = marks[held.mark]
                known = held.state == "replayed" and row is not None
                if not (known and _sealed(held).found == stored(row or ())):
                    held.delete()

    def empty(self) -> None:
        """The table was truncated."""
        with acting(SYSTEM):
            models.HeldRow.objects.filter(job=self._job).delete()

    def outside(self) -> int:
        """Rows of the source that do not stand in the target."""
        with acting(SYSTEM):
            return models.HeldRow.objects.filter(job=self._job).exclude(state="replayed").count()

    def counted(self) -> Mapping[str, int]:
        """Rows by state."""
        with acting(SYSTEM):
            rows = models.HeldRow.objects.filter(job=self._job).values_list("state").order_by("state")
            return dict(rows.annotate(n=Count("pk")))


def opened(row: models.HeldRow) -> Opened:
    """The row in the clear. Raises: SealBroken."""
    held = _sealed(row)
    mended = dict(zip(held.names, restored(held.mended), strict=True)) if held.mended is not None else None
    return Opened(restored(held.key), dict(zip(held.names, restored(held.found), strict=True)), mended)


def mend(row: models.HeldRow, values: Mapping[str, Value]) -> None:
    """Keep what the row should be; it waits for its replay. The caller saves."""
    held = _sealed(row)
    held.mended = stored(tuple(values[name] for name in held.names))
    _seal(row, held, generations_met()[0])
    row.state = "mended"


def renewed(row: models.HeldRow) -> bool:
    """Seal it by the present generation of the key, unless it is; the caller saves where it was not. Raises: SealBroken."""
    present = generations_met()[0]
    if generation_of(bytes(row.sealed)) == present:
        return False
    _seal(row, _sealed(row), present)
    return True


def _seal(row: models.HeldRow, held: Sealed, generation: int) -> None:
    """Whatever needs the key goes together, so that an older one is needed for nothing more."""
    (row.mark,) = _marks(row.job_id, held.key, (generation,))
    (row.same,) = _sames(row.job_id, held.names, held.found, (generation,))
    row.sealed = seal_row(row.job_id, row.mark, generation, msgspec.json.encode(held))


def _marks(job: str, key: str, generations: Sequence[int]) -> list[str]:
    return [keyed(job, one, key) for one in generations]


def _sames(job: str, names: list[str], found: str, generations: Sequence[int]) -> list[str]:
    return [keyed(job, one, "\0".join([*names, found])) for one in generations]


def _sealed(row: models.HeldRow) -> Sealed:
    return msgspec.json.decode(open_row(row.job_id, row.mark, bytes(row.sealed)), type=Sealed)
