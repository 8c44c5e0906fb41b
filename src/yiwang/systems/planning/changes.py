"""Changes of a declared system, each with what it costs and whom it breaks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Effect = Literal["additive", "backfill", "confirm"]
Kind = Literal[
    "create_table", "rename_table", "split_table", "drop_table", "change_key", "change_history", "change_partition",
    "create_column", "rename_column", "move_column", "widen_column", "narrow_column", "change_type", "drop_column",
    "require", "unrequire", "change_default", "change_derived", "encrypt", "decrypt", "create_lookup", "drop_lookup",
    "create_index", "drop_index", "raise_grade", "lower_grade", "create_list", "drop_list", "add_code", "retire_code",
    "drop_code", "create", "change", "drop",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change.

    Attributes:
        kind: what happens; `create`, `change` and `drop` are of things without data (`thing` names which).
        thing: table, column, list, code, service, role, access rule, quality rule, indicator, view …
        path: `entity`, `entity.field`, `list.code`, or the id of the thing.
        effect: additive: applied at once; backfill: rows must be filled or validated; confirm: a person must agree.
        breaking: consumers of the last release can break.
        facts: plain details for who applies it (`from`, `to`, `successor`, `default` …).
        zh, en: the change in words.
    """

    kind: Kind
    thing: str
    path: str
    effect: Effect
    zh: str
    en: str
    breaking: bool = False
    facts: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """The change as plain values."""
        return {
            "kind": self.kind, "thing": self.thing, "path": self.path, "effect": self.effect,
            "breaking": self.breaking, "facts": dict(self.facts), "text": {"zh": self.zh, "en": self.en},
        }  # fmt: skip


_EFFECTS = {
    "additive": ("直接生效", "additive"),
    "backfill": ("需补数", "needs backfill"),
    "confirm": ("需确认", "needs confirmation"),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What leads from the last applied release, if any, to the new one."""

    system: str
    before: str | None
    after: str
    changes: tuple[Change, ...]

    @property
    def confirmations(self) -> tuple[Change, ...]:
        """The changes a person must agree to."""
        return tuple(one for one in self.changes if one.effect == "confirm")

    def lines(self, language: str) -> list[str]:
        """The plan as text, a change a line."""
        english = not language.startswith("zh")
        if not self.changes:
            return ["Nothing changes." if english else "没有变化。"]
        return [
            f"[{_EFFECTS[one.effect][english]}] {one.en if english else one.zh}"
            + ((" (breaking)" if english else "（影响使用方）") if one.breaking else "")
            for one in self.changes
        ]

    def as_json(self) -> dict[str, object]:
        """The plan as plain values."""
        return {
            "system": self.system, "before": self.before, "after": self.after,
            "changes": [one.as_json() for one in self.changes],
        }  # fmt: skip
