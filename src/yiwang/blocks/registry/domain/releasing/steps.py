"""What a step of an application is: statements that are done whole or not at all, or a walk over a table in batches."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from yiwang.blocks.registry.domain.labels import Label

Phase = Literal["expand", "backfill", "validate", "switch", "clean"]
Kind = Literal[
    "statements", "index", "walk", "count", "validate", "switch", "seal", "opened", "renew", "rewrite"
]
PHASES: Final[dict[Phase, Label]] = {
    "expand": Label("扩展", "Expand"),
    "backfill": Label("补数", "Backfill"),
    "validate": Label("校验", "Validate"),
    "switch": Label("切换", "Switch"),
    "clean": Label("清除", "Clean up"),
}


class Enciphered(msgspec.Struct, frozen=True, kw_only=True):
    """A column whose values are sealed beside it, or that is sealed and gets its digests, in one table. ADR 0260, 0287.

    Attributes:
        table: quoted.
        plain: the column as it stands; `beside` takes the sealed values (empty: the column holds them already), `find`
            their digests (empty: none).
        place: what the values are bound to beside the record's key, which stands in the columns `key`.
    """

    table: str
    plain: str
    beside: str
    find: str
    place: str
    key: tuple[str, ...]

    @property
    def filled(self) -> str:
        """The column that tells by being empty what is still to be done."""
        return self.beside or self.find


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step, as it stands in the ledger.

    Attributes:
        kind: `statements` and `switch` run in one transaction with the mark that they are done; `index` outside of
            one, repeatable; `walk` touches the rows of `table` batch by batch; `count` fails where its one statement
            gives more than 0; `validate` checks a constraint without keeping readers or writers away.
            `seal` seals values, or digests sealed ones, batch by batch until none is left; `opened` opens each again
            and compares it; `renew` puts a new table in the place of `table` while others go on (ADR 0316); `rewrite` is
            run outside of a transaction while nobody else has the table.
        enciphered: what `seal` and `opened` work on; `switch` seals what came in since.
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
    enciphered: tuple[Enciphered, ...] = ()


def steps_of(plan: dict[str, object]) -> tuple[Step, ...]:
    """The steps of a stored plan."""
    return msgspec.convert(plan["steps"], tuple[Step, ...])
