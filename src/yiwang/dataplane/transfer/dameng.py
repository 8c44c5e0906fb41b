"""达梦 as the source of a table job. Not run against a server yet: docs/adr/0301."""

from __future__ import annotations

from typing import ClassVar, Final, Self

from yiwang.dataplane.connectors import optional
from yiwang.dataplane.connectors.errors import EncodingUnfit, TypeNotCarried
from yiwang.dataplane.connectors.places import DatabasePlace
from yiwang.dataplane.transfer.oracle import OracleLike
from yiwang.dataplane.transfer.shape import Column, Kind

_TEXTS: Final = frozenset({"CHAR", "CHARACTER", "VARCHAR", "VARCHAR2"})
_KINDS: Final[dict[str, Kind]] = {
    "TEXT": "text", "LONG": "text", "LONGVARCHAR": "text", "CLOB": "text", "DATE": "date", "TIME": "time",
    "DATETIME": "datetime", "TIMESTAMP": "datetime", "TIMESTAMP WITH TIME ZONE": "moment",
    "DATETIME WITH TIME ZONE": "moment", "TIMESTAMP WITH LOCAL TIME ZONE": "moment", "BIT": "boolean", "BINARY": "binary",
    "VARBINARY": "binary", "RAW": "binary", "BLOB": "binary", "IMAGE": "binary", "LONGVARBINARY": "binary", "ROWID": "other",
}  # fmt: skip
_INTEGERS: Final = {"TINYINT": 16, "BYTE": 16, "SMALLINT": 16, "INT": 32, "INTEGER": 32, "BIGINT": 64}
_FLOATS: Final = {"REAL": 32, "FLOAT": 64, "DOUBLE": 64, "DOUBLE PRECISION": 64}
_UTF8: Final = "1"


class Dameng(OracleLike):
    """DM8, one schema of it; only where text is kept as UTF-8, since keys are compared by its bytes."""

    scheme: ClassVar[str] = "dm"
    driver: ClassVar[optional.Scheme] = "dm"
    mark: ClassVar[str] = "?"
    session: ClassVar[tuple[str, ...]] = ()
    snapshot: ClassVar[str] = "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE"
    guarantee_zh: ClassVar[str] = (
        "可串行化事务，按达梦文档一次运行内来自同一个快照；中断后换新快照，重新核对已写各段。尚未在真实服务器上验证。"
    )
    guarantee_en: ClassVar[str] = (
        "A serializable transaction: one snapshot within a run, as DM's manual has it. A resumed run takes a new one and"
        " compares every chunk again. Not verified with a server yet."
    )

    @classmethod
    def open(cls, at: DatabasePlace) -> Self:
        """A session at the pinned address. Raises: ConnectorError; EncodingUnfit, where the server does not keep UTF-8."""
        made = super().open(at)
        ((flag,),) = made.query("SELECT SF_GET_UNICODE_FLAG()")
        if str(flag) != _UTF8:
            made.close()
            raise EncodingUnfit(address=str(at))
        return made

    def owner(self) -> str:
        """The schema that the address names."""
        return self._at.address.database

    def column(
        self, table: str, name: str, native: str, numbers: tuple[int, int, int | None, int | None]
    ) -> Column:
        """DM's DATE is a day."""
        characters, octets, precision, scale = numbers
        base = native.partition("(")[0].strip() if native.endswith(")") else native
        if base in _TEXTS:
            return Column(name, "text", native, length=characters or octets)
        if base in _INTEGERS:
            return Column(name, "integer", native, bits=_INTEGERS[base])
        if base in _FLOATS:
            return Column(name, "float", native, bits=_FLOATS[base])
        if base in ("DEC", "DECIMAL", "NUMERIC", "NUMBER"):
            return Column(
                name, "decimal", native, precision=precision or 0, scale=scale or 0 if precision else 0
            )
        if base.startswith("INTERVAL"):
            return Column(name, "other", native)
        if base not in _KINDS:
            raise TypeNotCarried(table=table, column=name, type=native)
        limited = base in ("BINARY", "VARBINARY", "RAW")
        return Column(name, _KINDS[base], native, length=octets if limited else 0)
