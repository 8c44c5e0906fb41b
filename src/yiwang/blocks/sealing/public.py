"""The door of sealing: by which generation to seal, replacing a key, retiring one."""

from __future__ import annotations

from yiwang.blocks.sealing.actions import begin_generation, close_older, hold, retire_generation
from yiwang.blocks.sealing.domain.errors import (
    GenerationInUse,
    GenerationPresent,
    GenerationUnknown,
    KeyUnknown,
    SealingError,
    SealingTurned,
)
from yiwang.blocks.sealing.domain.generations import GenerationView
from yiwang.blocks.sealing.queries import generations, living, present

__all__ = [
    "GenerationInUse",
    "GenerationPresent",
    "GenerationUnknown",
    "GenerationView",
    "KeyUnknown",
    "SealingError",
    "SealingTurned",
    "begin_generation",
    "close_older",
    "generations",
    "hold",
    "living",
    "present",
    "retire_generation",
]
