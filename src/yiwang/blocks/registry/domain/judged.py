"""What quality rules about encrypted fields need of a table: sealed values, which are opened in the worker's memory alone.

A view of its own gives them, without any other column than the rules name, to whoever acts as `JUDGE`: a role that no
person can be given.
"""

from __future__ import annotations

import re
from typing import Final

from yiwang.blocks.registry.domain.compiled import Check, Entity, Field, System
from yiwang.blocks.registry.domain.compiling.expressions import TODAY
from yiwang.blocks.registry.domain.layout import FROM, TO
from yiwang.blocks.registry.domain.quoting import name, texts

JUDGE: Final = "registry.judge"
VIEW: Final = "__judged"
"""Behind the name of the table."""
_NAMED: Final = re.compile(r"""("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|\brow\.([A-Za-z_]\w*)""")


def judged_fields(entity: Entity) -> tuple[Field, ...]:
    """The key and the fields of those rules that look at an encrypted one; none where no rule does."""
    known = {one.id: one for one in entity.fields if one.derived is None}
    named: set[str] = set()
    for check in entity.checks:
        of = _fields(check) & set(known)
        if any(known[one].encrypted for one in of):
            named |= of
    if not named:
        return ()
    return tuple(one for one in known.values() if one.id in named or one.id in entity.key)


def judged_view(system: System, entity: Entity, app: str) -> list[str]:
    """The view, anew; none where no rule needs it."""
    table = entity.table(system.id)
    view = name(table.views, table.name + VIEW)
    done = [f"DROP VIEW IF EXISTS {view}"]
    fields = judged_fields(entity)
    if not fields:
        return done
    columns = ", ".join(name("row", column) for field in fields for column in field.columns)
    where = f"(SELECT registry_holds({texts((JUDGE,))}))"
    if table.dated:
        where += f" AND {name('row', FROM)} <= {TODAY} AND {name('row', TO)} > {TODAY}"
    return [
        *done,
        f"CREATE VIEW {view} WITH (security_barrier) AS SELECT {columns}"  # noqa: S608 (names are quoted)
        f" FROM {name(table.schema, table.name)} AS {name('row')} WHERE {where}",
        f"REVOKE ALL ON {view} FROM PUBLIC, {name(app)}",
        f"GRANT SELECT ON {view} TO {name(app)}",
    ]


def _fields(check: Check) -> set[str]:
    words = [one.cel for one in (check.when, check.expr) if one is not None]
    return {*check.fields, *(found for one in words for text, found in _NAMED.findall(one) if not text)}
