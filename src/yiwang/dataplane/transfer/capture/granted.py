"""The slot of a job under a grant: of the source's table it publishes what the grant names, and no other column.

The table that is asked for is the granted one under any name, and its columns are named as fields, as `GrantedSource`
gives them. Conditions on rows are no part of the publication, where PostgreSQL would refuse the source its own updates:
the columns that they ask about come along, and each changed row is judged by the source itself (`GrantedSource.admitted`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import ClassVar, Final

from yiwang.dataplane.connectors.places import DatabasePlace
from yiwang.dataplane.transfer.capture import errors
from yiwang.dataplane.transfer.capture.slot import Slot, Table
from yiwang.dataplane.transfer.granted import Granted

_LISTED: Final = """
SELECT (SELECT array_agg(a.attname::text) FROM pg_attribute a
        WHERE a.attrelid = r.prrelid AND a.attnum > 0 AND NOT a.attisdropped
              AND (r.prattrs IS NULL OR a.attnum = ANY (r.prattrs::int2[])))
FROM pg_publication p JOIN pg_publication_rel r ON r.prpubid = p.oid WHERE p.pubname = %s AND r.prqual IS NULL
"""


class GrantedSlot(Slot):
    """A session at the source for the slot of a job under a grant."""

    lists: ClassVar[bool] = True
    _granted: Granted
    _terms: str

    @classmethod
    @contextmanager
    def under(cls, at: DatabasePlace, granted: Granted, masks: Mapping[str, str]) -> Iterator[GrantedSlot]:
        """Raises: ConnectorError."""
        with cls.opened(at) as plain:
            slot = cls(plain._connection, at)
            slot._granted, slot._terms = granted, terms_of(granted, masks)
            yield slot

    def table(self, name: str) -> Table | None:
        """The granted table; its identity is empty where a column of it is not granted."""
        found = super().table(self._granted.table)
        if found is None:
            return None
        unlogged = {rule.column for rule in self._granted.rows} & found.generated
        if unlogged:
            raise errors.CaptureUnfit(
                table=name, place=str(self.at), reason_zh="授权的行条件用到生成列，日志里没有它",
                reason_en="a condition on rows of the grant asks about a generated column, which is not in the log",
            )  # fmt: skip
        field = {column: one for one, column in self._granted.columns.items()}
        named = all(column in field for column in found.identity)
        return replace(
            found, identity=tuple(field[column] for column in found.identity) if named else (),
            columns=frozenset(field[column] for column in found.columns if column in field),
            generated=frozenset(field[column] for column in found.generated if column in field),
            plain=frozenset(),  # another column is another publication: the table is compared
            terms=self._terms,
        )  # fmt: skip

    def published(self, name: str, table: str) -> bool:
        """Whether the publication holds the table as it is now, with every column that is needed."""
        if not super().published(name, self._granted.table):
            return False
        listed = {str(column) for (found,) in self._rows(_LISTED, (name,)) for column in _list(found)}
        return set(self._needed(table)) <= listed

    def publish(self, name: str, table: str, columns: Sequence[str]) -> None:
        """Publish the granted columns, those that its conditions ask about, and no other.

        Raises: CapturePublicationMissing.
        """
        del columns
        super().publish(name, self._granted.table, self._needed(table))

    def _needed(self, table: str) -> list[str]:
        found = self.table(table)
        present = found.columns if found is not None else frozenset()
        columns = [column for field, column in self._granted.columns.items() if field in present]
        return list(dict.fromkeys([*columns, *(rule.column for rule in self._granted.rows)]))


def terms_of(granted: Granted, masks: Mapping[str, str]) -> str:
    """Changes whenever other columns or rows are granted, or are masked otherwise."""
    told = repr((granted.table, sorted(granted.columns.items()), granted.rows, sorted(masks.items())))
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def _list(found: object) -> list[object]:
    return found if isinstance(found, list) else []
