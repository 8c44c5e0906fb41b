"""Expressions of a package as SQL over `row`: of the table, of the view that the application reads, of DuckDB."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from yiwang.blocks.registry.domain.compiled import Truth
from yiwang.blocks.registry.domain.layout import CREATED, FROM, KNOWN, TO
from yiwang.systems.cel.declaring import ACTOR, World
from yiwang.systems.cel.layout import Layout
from yiwang.systems.cel.parsing import CelSyntax
from yiwang.systems.cel.sql import Compiler, NotSql
from yiwang.systems.cel.types import DATE, DATETIME, STRING, CelType
from yiwang.systems.model.base import Expr
from yiwang.systems.model.entities import Entity

TODAY: Final = "CAST(now() AT TIME ZONE 'Asia/Shanghai' AS date)"
ACTING: Final[Mapping[str, str]] = {
    "actor.id": "registry_told('user')", "actor.person": "registry_told('person')",
    "actor.org": "registry_told('agency')", "actor.division": "registry_told('division')",
    "actor.phone": "registry_told('phone')",
    "actor.roles": "string_to_array(registry_told('system_roles'), ',')",
    "actor.tickets": "string_to_array(registry_told('tickets'), ',')",
    "purpose": "registry_purpose()", "now": "now()", "today": TODAY,
}  # fmt: skip
"""What is known of who acts, as the transaction was told; what it was not told is NULL and matches nothing."""
_NOW = f'{{alias}}."{FROM}" <= {TODAY} AND {{alias}}."{TO}" > {TODAY}'
TABLES: Final = Layout(dated=_NOW, created=CREATED, changed=KNOWN)
VIEWS: Final = Layout(schema="sys_{system}_read", dated=_NOW, created=CREATED, changed=KNOWN)
FILES: Final = Layout(dialect="duckdb", schema="", created=CREATED, changed=KNOWN)
_CLOCK: Final = {"now": "now()", "today": "CURRENT_DATE"}


@dataclass(frozen=True, slots=True)
class Expressions:
    """The expressions of one entity."""

    world: World
    entity: Entity

    def table(self, expr: Expr, alias: str = "row") -> str:
        """A condition over a row of the table. Raises: NotSql."""
        return self._compiler(TABLES, alias).condition(expr.text, self._scope())

    def value(self, expr: Expr) -> str:
        """A value over a row of the table. Raises: NotSql."""
        return self._compiler(TABLES).value(expr.text, self._scope())

    def view(self, expr: Expr) -> str | None:
        """A condition over a row of the view; None where it has no SQL there."""
        try:
            return self._compiler(VIEWS).condition(expr.text, self._scope())
        except (NotSql, CelSyntax):
            return None

    def truth(self, expr: Expr) -> Truth:
        """A condition in every form. Raises: NotSql."""
        try:
            elsewhere = Compiler(self.world, FILES, self.entity.id, _CLOCK).condition(
                expr.text, self._scope()
            )
        except NotSql:
            elsewhere = None
        return Truth(expr.text, self.table(expr), elsewhere)

    def _compiler(self, layout: Layout, alias: str = "row") -> Compiler:
        return Compiler(self.world, layout, self.entity.id, ACTING, alias)

    def _scope(self) -> dict[str, CelType]:
        row = self.world.record_of(self.entity.id)
        return {"row": row, "actor": ACTOR, "purpose": STRING, "now": DATETIME, "today": DATE}
