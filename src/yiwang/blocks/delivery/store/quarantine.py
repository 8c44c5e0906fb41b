"""The quarantine of a job as the engine wants it, in the node's database: rows are sealed and found by keyed digests."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec
from django.db.models import Count

from yiwang.blocks.delivery.store import models
from yiwang.blocks.delivery.store.sealing import keyed, open_row, seal_row
from yiwang.blocks.exchange.public import SYSTEM
from yiwang.blocks.identity.public import acting
from yiwang.dataplane.transfer.shape import BadRow, Key, Value
from yiwang.dataplane.transfer.values import restored, stored

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
        """Keep them; a row that is the same as before keeps its state and what was made of it."""
        if not rows:
            return
        now = dt.datetime.now(dt.UTC)
        with acting(SYSTEM):
            for row in rows:
                key, found = stored(row.key), stored(tuple(row.values.values()))
                mark, same = keyed(self._job, key), self._same(list(row.values), found)
                kept = models.HeldRow.objects.filter(job=self._job, mark=mark)
                reasons = list(row.reasons)
                if kept.filter(same=same).update(run=run, reasons=reasons):
                    continue
                kept.delete()
                text = msgspec.json.encode(Sealed(key, list(row.values), found))
                models.HeldRow.objects.create(
                    job_id=self._job, mark=mark, same=same, sealed=seal_row(self._job, mark, text), reasons=reasons,
                    run=run, at=now,
                )  # fmt: skip

    def mended(self, row: BadRow, run: int) -> Mapping[str, Value] | None:
        """What a person made of this row, if it is still the row that they saw and was replayed."""
        mark = keyed(self._job, stored(row.key))
        same = self._same(list(row.values), stored(tuple(row.values.values())))
        with acting(SYSTEM):
            found = models.HeldRow.objects.filter(
                job=self._job, mark=mark, same=same, state="replayed"
            ).first()
            if found is None:
                return None
            models.HeldRow.objects.filter(pk=found.pk).update(run=run)
        return opened(found).mended

    def gone(self, before: int) -> int:
        """Forget rows that runs since `before` did not find bad any more."""
        with acting(SYSTEM):
            count, _ = models.HeldRow.objects.filter(job=self._job, run__lt=before).delete()
        return count

    def counted(self) -> Mapping[str, int]:
        """Rows by state."""
        with acting(SYSTEM):
            rows = models.HeldRow.objects.filter(job=self._job).values_list("state").order_by("state")
            return dict(rows.annotate(n=Count("pk")))

    def _same(self, names: list[str], found: str) -> str:
        return keyed(self._job, "\0".join([*names, found]))


def opened(row: models.HeldRow) -> Opened:
    """The row in the clear. Raises: SealBroken."""
    held = _sealed(row)
    mended = dict(zip(held.names, restored(held.mended), strict=True)) if held.mended is not None else None
    return Opened(restored(held.key), dict(zip(held.names, restored(held.found), strict=True)), mended)


def mend(row: models.HeldRow, values: Mapping[str, Value]) -> None:
    """Keep what the row should be; it waits for its replay. The caller saves."""
    held = _sealed(row)
    held.mended = stored(tuple(values[name] for name in held.names))
    row.sealed = seal_row(row.job_id, row.mark, msgspec.json.encode(held))
    row.state = "mended"


def _sealed(row: models.HeldRow) -> Sealed:
    return msgspec.json.decode(open_row(row.job_id, row.mark, bytes(row.sealed)), type=Sealed)
