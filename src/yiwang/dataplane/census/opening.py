"""From an address on the command line to an open source."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from yiwang.dataplane.census.errors import AddressUnknown, FileForbidden, FileMissing, NothingThere
from yiwang.dataplane.census.pace import Pace
from yiwang.dataplane.census.source import Limits, Source
from yiwang.dataplane.census.sources import mysql, optional, postgresql, spreadsheet, sqlite
from yiwang.dataplane.census.sources.delimited import Delimited
from yiwang.dataplane.connectors.facts import SourceAddress
from yiwang.dataplane.connectors.hosts import AllowedHosts
from yiwang.dataplane.connectors.optional import Scheme
from yiwang.dataplane.connectors.postgresql import opened as postgresql_opened

_PORTS: Final = {
    "postgresql": 5432, "postgres": 5432, "mysql": 3306, "mariadb": 3306, "oracle": 1521, "dm": 5236,
}  # fmt: skip
_SUFFIXES: Final = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".xlsx", ".xlsm", ".parquet", ".db", ".sqlite",
                    ".sqlite3")  # fmt: skip


@dataclass(frozen=True)
class Place:
    """One database or file to look into, and the department that holds it."""

    address: str
    department: str = ""

    def __repr__(self) -> str:
        return f"Place({shown(self.address)})"

    @property
    def is_server(self) -> bool:
        """Whether it is reached over the network."""
        return _scheme(self.address) in _PORTS

    def needs_password(self) -> bool:
        """Whether the address names a user and no password."""
        parts = _split(self.address) if self.is_server else None
        return parts is not None and bool(parts.username) and parts.password is None


def places(texts: list[str]) -> list[Place]:
    """Places from the command line: `[department=]address`, where a folder stands for the files in it.

    Raises: AddressUnknown, FileMissing, NothingThere.
    """
    found = []
    for text in texts:
        head, sign, tail = text.partition("=")
        labelled = bool(sign) and not any(mark in head for mark in "/\\:?.") and not Path(text).exists()
        department, address = (head.strip(), tail.strip()) if labelled else ("", text)
        if _scheme(address) in {*_PORTS, "sqlite"}:
            found.append(Place(address, department))
            continue
        path = Path(address)
        if path.is_dir():
            inner = sorted(p for p in path.iterdir() if p.is_file() and _known(p))
            if not inner:
                raise NothingThere(address=address)
            found.extend(Place(str(p), department) for p in inner)
        elif "://" in address:
            raise AddressUnknown(address=shown(address))
        elif not path.exists():
            raise FileMissing(address=address)
        elif not _known(path):
            raise AddressUnknown(address=address)
        else:
            found.append(Place(address, department))
    return found


def shown(address: str) -> str:
    """An address without its password."""
    if "://" not in address:
        return address
    head, _, rest = address.partition("://")
    credentials, at, place = rest.rpartition("@")
    user = credentials.partition(":")[0]
    return f"{head}://{user}{at}{place.partition('?')[0]}"


@contextmanager
def opened(
    place: Place, limits: Limits, allowed: AllowedHosts | None = None, password: str | None = None
) -> Iterator[Source]:
    """An open source, read-only.

    Args:
        place: what to open.
        limits: how hard it may be pressed.
        allowed: servers that may be reached; None lets the host of the address, which the operator typed, and no other.
        password: for a server, when the address carries none.

    Raises: CensusError, ConnectorError.
    """
    pace = Pace(limits.statements)
    scheme = _scheme(place.address)
    if place.is_server:
        server = _server(place.address, limits, password)
        reach = allowed or AllowedHosts((server.host.lower(),))
        if scheme in {"postgresql", "postgres"}:
            with postgresql_opened(server, reach) as database:
                yield postgresql.PostgreSQL(database, server, limits, pace)
        elif scheme in {"mysql", "mariadb"}:
            with mysql.opened(server, reach, limits, pace) as held:
                yield held
        else:
            kind: Scheme = "oracle" if scheme == "oracle" else "dm"
            with optional.opened(kind, server, reach, limits, pace) as other:
                yield other
        return
    text = place.address
    if scheme == "sqlite":
        text = text.removeprefix("sqlite:").removeprefix("//")
        text = text.removeprefix("/") if text.startswith("//") else text
    path = Path(text)
    name = path.name.lower()
    try:
        if scheme == "sqlite" or name.endswith((".db", ".sqlite", ".sqlite3")):
            with sqlite.opened(path, limits, pace) as file:
                yield file
        elif name.endswith((".xlsx", ".xlsm")):
            with spreadsheet.opened(path, limits) as workbook:
                yield workbook
        elif name.endswith(".parquet"):
            # pyarrow takes its time to load: only for those who need it
            from yiwang.dataplane.census.sources.parquet import Parquet

            yield Parquet(path, limits)
        else:
            yield Delimited(path, limits)
    except PermissionError:
        raise FileForbidden(address=path.name) from None


def _scheme(address: str) -> str:
    head, sign, _ = address.partition(":")
    return head.lower().partition("+")[0] if sign and len(head) > 1 else ""


def _known(path: Path) -> bool:
    return path.name.lower().endswith(_SUFFIXES)


def _split(address: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        raise AddressUnknown(address=shown(address)) from None
    return parts


def _server(address: str, limits: Limits, password: str | None) -> SourceAddress:
    parts = _split(address)
    database = unquote(parts.path.lstrip("/"))
    if not parts.hostname or not database:
        raise AddressUnknown(address=shown(address))
    secret = unquote(parts.password) if parts.password is not None else password or ""
    port = parts.port or _PORTS[_scheme(address)]
    return SourceAddress(
        parts.hostname, port, database, unquote(parts.username or ""), secret, timeout_ms=limits.timeout_ms
    )
