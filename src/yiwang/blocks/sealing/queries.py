"""Which generations of a key there are."""

from __future__ import annotations

from django.db.models import QuerySet

from yiwang.blocks.sealing.domain.generations import GenerationView
from yiwang.blocks.sealing.store.models import Generation


def present(purpose: str) -> int:
    """The newest generation, from 1. Whoever seals by it makes the database check it again: `sealing_held`."""
    row = _rows(purpose).order_by("-generation").values_list("generation", flat=True).first()
    return row or 1


def living(purpose: str) -> tuple[int, ...]:
    """The generations whose values may still be there, the newest first."""
    found = tuple(
        _rows(purpose).filter(retired_at=None).order_by("-generation").values_list("generation", flat=True)
    )
    return found or (1,)


def generations(purpose: str) -> tuple[GenerationView, ...]:
    """Every generation of a purpose, retired ones included, the oldest first; the first is there without a row."""
    found = tuple(
        GenerationView(one.purpose, one.generation, one.begun_at, one.begun_by, one.closed_at, one.retired_at)
        for one in _rows(purpose).order_by("generation")
    )
    return found or (GenerationView(purpose, 1),)


def _rows(purpose: str) -> QuerySet[Generation]:
    return Generation.objects.filter(purpose=purpose)
