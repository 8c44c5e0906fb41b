"""What a step of an application is: statements that are done whole or not at all, or a walk over a table in batches."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from yiwang.blocks.registry.domain.labels import Label

Phase = Literal["expand", "backfill", "validate", "switch"]
Kind = Literal["statements", "index", "walk", "count", "validate", "switch"]
PHASES: Final[dict[Phase, Label]] = {
    "expand": Label("扩展", "Expand"),
    "backfill": Label("补数", "Backfill"),
    "validate": Label("校验", "Validate"),
    "switch": Label("切换", "Switch"),
}


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step, as it stands in the ledger.

    Attributes:
        kind: `statements` and `switch` run in one transaction with the mark that they are done; `index` outside of
            one, repeatable; `walk` touches the rows of `table` batch by batch; `count` fails where its one statement
            gives more than 0; `validate` checks a constraint without keeping readers or writers away.
        locks: relations that are locked first, all within a moment or none.
        undo: statements that take it back; they may run twice.
    """

    phase: Phase
    kind: Kind = "statements"
    what: Label
    do: tuple[str, ...] = ()
    undo: tuple[str, ...] = ()
    table: str = ""
    locks: tuple[str, ...] = ()


def steps_of(plan: dict[str, object]) -> tuple[Step, ...]:
    """The steps of a stored plan."""
    return msgspec.convert(plan["steps"], tuple[Step, ...])
