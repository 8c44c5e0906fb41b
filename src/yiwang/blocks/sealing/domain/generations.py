"""Whether a generation of a key may be destroyed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from yiwang.blocks.sealing.domain.errors import GenerationInUse, GenerationPresent, GenerationUnknown


@dataclass(frozen=True, slots=True)
class GenerationView:
    """A generation; the first begins with the first value, before anybody writes it down.

    `closed_at`: since nothing more is sealed by it; `retired_at`: when its key was destroyed.
    """

    purpose: str
    generation: int
    begun_at: datetime | None = None
    begun_by: str = ""
    closed_at: datetime | None = None
    retired_at: datetime | None = None


def check_retirement(
    purpose: str, generation: int, known: Mapping[int, GenerationView], values: Mapping[int, int]
) -> None:
    """A key goes when another one seals and no value is left that it alone opens.

    Args:
        purpose, generation: the key that is to go.
        known: the generations of the purpose by number.
        values: how many values are sealed by each generation.

    Raises: GenerationUnknown, GenerationPresent, GenerationInUse.
    """
    if generation not in known:
        raise GenerationUnknown(purpose=purpose, generation=generation)
    if generation == max(known):
        raise GenerationPresent(purpose=purpose, generation=generation)
    left = values.get(generation, 0)
    if left:
        raise GenerationInUse(purpose=purpose, generation=generation, values=left)
