"""Who an action or a query runs as: its transaction carries the actor for row-level security."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from yiwang.blocks.identity.public import Actor, acting

P = ParamSpec("P")
R = TypeVar("R")


def as_actor(function: Callable[Concatenate[Actor, P], R]) -> Callable[Concatenate[Actor, P], R]:
    """Run the whole function in one transaction as its first argument."""

    @wraps(function)
    def run(actor: Actor, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with acting(actor):
            return function(actor, *args, **kwargs)

    return run
