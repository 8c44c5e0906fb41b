"""What an indicator over the evidence journal may speak of: the fields of a call, none of which is about a person.

A call is an entry of the journal about a resource of the package: a look-up, a check, a delivered table, a confirmed file, or a refusal.
docs/specs/indicators.md says what each field holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from yiwang.systems.model.base import NO_LABEL, Label

CALL: Final = "call"
"""The variable of such an indicator's expressions."""


@dataclass(frozen=True, slots=True)
class CallField:
    """A field of a call.

    Attributes:
        kind: type of its values in expressions.
        shown: what its values are, for their words: `org`, `entity`, `call_kind`, `outcome`, `refusal`, `resource`.
        values: the only values it has; empty where they are open.
        nullable: whether some calls have none.
        unit: of a number.
    """

    id: str
    title: Label
    kind: Literal["string", "int", "double"]
    shown: str = "text"
    values: tuple[str, ...] = ()
    nullable: bool = False
    unit: Label = NO_LABEL

    @property
    def splits(self) -> bool:
        """Whether numbers can be split by it, and its different values counted."""
        return self.id not in ("rows", "took_ms")

    @property
    def measures(self) -> bool:
        """Whether it can be added up."""
        return not self.splits


CALL_FIELDS: Final = (
    CallField("kind", Label("调用方式", "Kind of call"), "string", "call_kind", ("query", "verify", "table", "file", "refusal")),
    CallField("outcome", Label("结果", "Outcome"), "string", "outcome", ("answered", "refused", "failed")),
    CallField("entity", Label("数据表", "Table"), "string", "entity"),
    CallField("resource", Label("资源", "Resource"), "string", "resource"),
    CallField("consumer", Label("调用部门", "Calling agency"), "string", "org", nullable=True),
    CallField("client", Label("调用应用", "Calling application"), "string", nullable=True),
    CallField("grant", Label("授权", "Grant"), "string", nullable=True),
    CallField("purpose", Label("用途", "Purpose"), "string", "purpose", nullable=True),
    CallField("code", Label("拒绝原因", "Reason of refusal"), "string", "refusal", nullable=True),
    CallField("status", Label("状态码", "Status"), "int"),
    CallField("rows", Label("行数", "Rows"), "int"),
    CallField("took_ms", Label("耗时", "Duration"), "double", nullable=True, unit=Label("毫秒", "ms")),
)  # fmt: skip


def call_field(name: str) -> CallField | None:
    """A field by its name."""
    return next((one for one in CALL_FIELDS if one.id == name), None)
