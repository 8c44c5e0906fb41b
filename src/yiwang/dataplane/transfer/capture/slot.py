"""The source's side of change capture: what it must be set to, the publication, the slot, and taking from it.

Changes are looked at (`pg_logical_slot_peek_binary_changes`), kept in the spool, and only then is the slot moved on:
a cut between the two shows them again, and the spool knows what it has.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar, Final, Literal

import psycopg
from psycopg import sql

from yiwang.dataplane.connectors.errors import ConnectorError
from yiwang.dataplane.connectors.places import DatabasePlace
from yiwang.dataplane.connectors.postgresql import Connection, connect, told
from yiwang.dataplane.transfer.capture import errors
from yiwang.dataplane.transfer.capture.visibility import position, spelled
from yiwang.dataplane.transfer.postgresql import SETTINGS

_FETCH: Final = 2_000
_PATIENCE: Final = 120
"""Seconds that a new slot may wait for the transactions of its time."""
_FLUSHED: Final = 3.0
"""Seconds within which a server writes what it has committed (three rounds of its writer, and some)."""
_MAY_NOT: Final = (psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)
"""A role that does not own the table, or whose transactions read only: somebody else publishes it."""
_PAGE_HEAD: Final = 40
"""Bytes by which the place of the next record is ahead of the end of the last one at the border of a page."""
_SERVER: Final = """
SELECT current_setting('wal_level'), current_setting('max_slot_wal_keep_size'), pg_is_in_recovery(),
       r.rolsuper OR r.rolreplication, current_setting('server_version_num')::int
FROM pg_roles r WHERE r.rolname = current_user
"""
_TABLE: Final = """
SELECT c.oid, c.relkind IN ('r', 'p') AND c.relpersistence = 'p', row_security_active(c.oid),
       ARRAY(SELECT a.attname::text FROM pg_index i
             JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey[0:i.indnkeyatts - 1])
             WHERE i.indrelid = c.oid AND i.indimmediate AND i.indisvalid AND CASE c.relreplident WHEN 'i' THEN i.indisreplident
             WHEN 'n' THEN false ELSE i.indisprimary END ORDER BY array_position(i.indkey::int2[], a.attnum)),
       ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
       ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attgenerated <> ''),
       ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.atthasdef
             AND NOT a.atthasmissing AND NOT a.attnotnull AND a.attidentity = '' AND NOT a.attisdropped),
       (SELECT md5(coalesce(string_agg(l.oid || ':' || l.relfilenode, ',' ORDER BY l.oid), '')) FROM pg_class l
        WHERE l.oid = c.oid OR l.oid IN (SELECT relid FROM pg_partition_tree(c.oid))),
       c.relreplident = 'f'
FROM pg_class c WHERE c.oid = to_regclass(%s)
"""
_PUBLISHED: Final = """
SELECT 1 FROM pg_publication p JOIN pg_publication_rel r ON r.prpubid = p.oid
WHERE p.pubname = %s AND r.prrelid = to_regclass(%s) AND p.pubinsert AND p.pubupdate AND p.pubdelete AND p.pubtruncate
"""
_STANDING: Final = """
SELECT coalesce(wal_status, 'lost'), coalesce(confirmed_flush_lsn, '0/0')::text, active
FROM pg_replication_slots WHERE slot_name = %s AND database = current_database() AND plugin = 'pgoutput'
"""


@dataclass(frozen=True, slots=True)
class Table:
    """What the source's catalogue says of a table.

    Attributes:
        fits: it is a table whose changes are in the log.
        filtered: row security hides rows of it from us; the log would not.
        identity: columns that name a changed row, each row at every moment.
        columns: all of them.
        generated: those that the log does not hold.
        plain: those that were NULL in every row when they were added.
        storage: changes whenever the table was rewritten without its changes being in the log.
        whole: a changed row is told by all its columns, so that none may be left out of a publication.
        terms: of a grant, changes whenever the grant lets out something else.
    """

    fits: bool
    filtered: bool
    identity: tuple[str, ...]
    columns: frozenset[str]
    generated: frozenset[str]
    plain: frozenset[str]
    storage: str
    whole: bool = False
    terms: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """A slot as it is now; `confirmed` is the position before which it gives nothing."""

    state: Literal["missing", "lost", "ready"]
    confirmed: int = 0


class Slot:
    """A session at the source for one job's slot."""

    lists: ClassVar[bool] = False
    """Whether its publication always names columns."""

    def __init__(self, connection: Connection, at: DatabasePlace) -> None:
        self._connection, self.at = connection, at

    @classmethod
    @contextmanager
    def opened(cls, at: DatabasePlace) -> Iterator[Slot]:
        """Raises: ConnectorError."""
        connection = connect(at.address, at.pinned, str(at))
        try:
            held = cls(connection, at)
            for name, value in SETTINGS.items():
                held._rows("SELECT set_config(%s, %s, false)", (name, value))
            yield held
        finally:
            connection.close()

    def require(self) -> str:
        """Refuse a server that cannot be captured; gives its `max_slot_wal_keep_size`.

        Raises: CaptureUnfit, CaptureOff, CaptureRightMissing.
        """
        ((level, keeps, standby, may, version),) = self._rows(_SERVER)
        if int(str(version)) < 150_000 or standby:
            raise errors.CaptureUnfit(
                place=str(self.at), table="", reason_zh="需要 PostgreSQL 15 以上的主库",
                reason_en="a primary server of PostgreSQL 15 or later is needed",
            )  # fmt: skip
        if level != "logical":
            raise errors.CaptureOff(place=str(self.at), level=str(level))
        if not may:
            raise errors.CaptureRightMissing(place=str(self.at), user=self.at.address.user)
        return str(keeps)

    def table(self, name: str) -> Table | None:
        """None where there is no such table."""
        found = self._rows(_TABLE, (_place(name),))
        if not found:
            return None
        _, fits, filtered, identity, columns, generated, plain, storage, whole = found[0]
        return Table(
            bool(fits), bool(filtered), tuple(map(str, identity)) if isinstance(identity, list) else (), _names(columns), _names(generated),
            _names(plain), str(storage), bool(whole),
        )  # fmt: skip

    def standing(self, slot: str) -> Standing:
        """Whether there is a slot, and whether the source still has what it needs."""
        found = self._rows(_STANDING, (slot,))
        if not found:
            return Standing("missing")
        status, confirmed, _ = found[0]
        return Standing("lost" if status == "lost" else "ready", position(str(confirmed)))

    def published(self, name: str, table: str) -> bool:
        """Whether the publication holds the table as it is now, with all kinds of changes."""
        return bool(self._rows(_PUBLISHED, (name, _place(table))))

    def publish(self, name: str, table: str, columns: Sequence[str]) -> None:
        """Publish the table, or these columns of it alone. Raises: CapturePublicationMissing."""
        if self.published(name, table) and not columns:
            return
        listed = f" ({', '.join(map(_quoted, columns))})" if columns else ""
        head = f"CREATE PUBLICATION {_quoted(name)} FOR TABLE {_place(table)}{listed}"
        statement = f"{head} WITH (publish_via_partition_root = true)"
        try:
            with self._connection.transaction():
                self._connection.execute(_sql(f"DROP PUBLICATION IF EXISTS {_quoted(name)}"))
                self._connection.execute(_sql(statement))
        except _MAY_NOT:
            if not self.published(name, table):
                raise errors.CapturePublicationMissing(
                    user=self.at.address.user, table=table, statement=statement
                ) from None
        except psycopg.Error as error:
            raise self._told(error) from None

    def create(self, slot: str) -> int:
        """Make the slot; gives the position where it begins.

        Raises: CaptureSlotsTaken, CaptureWaits, ConnectorError.
        """
        try:
            self._connection.execute(_sql(f"SET statement_timeout = '{_PATIENCE}s'"))
            found = self._connection.execute(
                "SELECT lsn::text FROM pg_create_logical_replication_slot(%s, 'pgoutput')", (slot,)
            ).fetchone()
            self._connection.execute("SET statement_timeout = 0")
        except psycopg.errors.QueryCanceled:
            raise errors.CaptureWaits(place=str(self.at), seconds=_PATIENCE) from None
        except psycopg.errors.ConfigurationLimitExceeded:
            raise errors.CaptureSlotsTaken(place=str(self.at)) from None
        except psycopg.Error as error:
            raise self._told(error) from None
        return position(str(found[0])) if found else 0

    def drop(self, slot: str) -> None:
        """Remove the slot, if there is one. Raises: CaptureSlotBusy, ConnectorError."""
        if self.standing(slot).state == "missing":
            return
        try:
            self._connection.execute("SELECT pg_drop_replication_slot(%s)", (slot,))
        except psycopg.errors.ObjectInUse:
            raise errors.CaptureSlotBusy(slot=slot) from None
        except psycopg.Error as error:
            raise self._told(error) from None

    def retract(self, publication: str) -> None:
        """Remove the publication, unless the table's owner made it: then it is theirs. Raises: ConnectorError."""
        try:
            self._connection.execute(_sql(f"DROP PUBLICATION IF EXISTS {_quoted(publication)}"))
        except _MAY_NOT:
            return
        except psycopg.Error as error:
            raise self._told(error) from None

    def written(self) -> int:
        """The end of what the source's log holds, on disk or not: behind every commit that anybody can see."""
        return position(str(self._rows("SELECT pg_current_wal_insert_lsn()::text")[0][0]))

    def top(self) -> int:
        """The end of its log on disk, once that holds what is committed now (`synchronous_commit = off` is late)."""
        wanted, end = self.written(), time.monotonic() + _FLUSHED
        while True:
            held = position(str(self._rows("SELECT pg_current_wal_flush_lsn()::text")[0][0]))
            if held + _PAGE_HEAD >= wanted or time.monotonic() > end:
                return held
            time.sleep(0.02)

    def peek(self, slot: str, upto: int, changes: int) -> Iterator[bytes]:
        """Messages of whole transactions from the slot's position, ending with the first one past `changes` messages.

        Raises: CaptureSlotBusy, ConnectorError.
        """
        statement = (
            "SELECT data FROM pg_logical_slot_peek_binary_changes(%s, %s::pg_lsn, %s,"
            " 'proto_version', '1', 'publication_names', %s)"
        )
        try:
            with self._connection.transaction(), self._connection.cursor(name="yw_changes") as cursor:
                cursor.itersize = _FETCH
                cursor.execute(statement, (slot, spelled(upto), changes, _quoted(slot)))
                for (data,) in cursor:
                    yield bytes(data) if isinstance(data, bytes | memoryview) else b""
        except psycopg.errors.ObjectInUse:
            raise errors.CaptureSlotBusy(slot=slot) from None
        except psycopg.Error as error:
            raise self._told(error) from None

    def advance(self, slot: str, upto: int) -> None:
        """The spool holds everything before this position: the source may forget it."""
        try:
            self._rows("SELECT pg_replication_slot_advance(%s, %s::pg_lsn)", (slot, spelled(upto)))
        except psycopg.errors.ObjectInUse:
            raise errors.CaptureSlotBusy(slot=slot) from None

    def _rows(self, statement: str, values: Sequence[object] = ()) -> list[tuple[object, ...]]:
        try:
            return self._connection.execute(_sql(statement), list(values)).fetchall()
        except psycopg.errors.ObjectInUse:
            raise
        except psycopg.Error as error:
            raise self._told(error) from None

    def _told(self, error: psycopg.Error) -> ConnectorError:
        return told(error, self.at.address, str(self.at))


def _place(table: str) -> str:
    schema, _, name = table.rpartition(".")
    return f"{_quoted(schema or 'public')}.{_quoted(name)}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _names(found: object) -> frozenset[str]:
    return frozenset(map(str, found)) if isinstance(found, list) else frozenset()


def _sql(statement: str) -> sql.SQL:
    return sql.SQL(statement)
