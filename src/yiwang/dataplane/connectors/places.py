"""Where tables are: a database or a file named by an address, and how far whoever asks may reach.

A person at the command line reaches what their own rights reach. A server reaches listed hosts and files below
listed folders only. Nobody passes driver parameters through an address: each of them (`passfile`, `service`,
`local_infile`, `hostaddr` …) would lead a driver somewhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal
from urllib.parse import SplitResult, unquote, urlsplit

from yiwang.dataplane.connectors import errors
from yiwang.dataplane.connectors.facts import SourceAddress
from yiwang.dataplane.connectors.hosts import AllowedHosts
from yiwang.dataplane.connectors.optional import check_names
from yiwang.dataplane.connectors.remote import Access, RemoteFile, WebList, remote_file, web_list

Server = Literal["postgresql", "mysql", "oracle", "dm"]
DataFile = Literal["csv", "xlsx", "parquet", "geojson", "dbf"]
FileKind = DataFile | Literal["sqlite"]
SERVERS: Final[dict[str, tuple[Server, int]]] = {
    "postgresql": ("postgresql", 5432), "postgres": ("postgresql", 5432),
    "mysql": ("mysql", 3306), "mariadb": ("mysql", 3306), "oracle": ("oracle", 1521), "dm": ("dm", 5236),
}  # fmt: skip
TARGETS: Final = ("postgresql", "mysql")
"""Servers that are written to."""
DATA_FILES: Final[dict[str, DataFile]] = {
    ".csv": "csv", ".xlsx": "xlsx", ".parquet": "parquet", ".geojson": "geojson", ".dbf": "dbf",
}  # fmt: skip
SUFFIXES: Final[dict[str, FileKind]] = {
    ".db": "sqlite", ".sqlite": "sqlite", ".sqlite3": "sqlite", **DATA_FILES
}  # fmt: skip
_REMOTE: Final = {"sftp": 22, "https": 443, "http": 80}
_BROKEN: Final = ("\0", "=", "://", "/", "\\", "\n")


@dataclass(frozen=True)
class Reach:
    """What may be opened. `hosts` None: any host that is named; `roots` None: any file."""

    hosts: AllowedHosts | None = None
    roots: tuple[Path, ...] | None = None

    def pin(self, address: SourceAddress) -> str:
        """The IP address to connect to, resolved once. Raises: HostNotAllowed, HostUnknown."""
        allowed = self.hosts if self.hosts is not None else AllowedHosts((address.host.lower(),))
        return allowed.pin(address.host, address.port)

    def file(self, path: Path) -> Path:
        """The path with every link followed. Raises: FileNotAllowed."""
        real = path.expanduser().resolve()
        if self.roots is not None and not any(real.is_relative_to(root.resolve()) for root in self.roots):
            raise errors.FileNotAllowed(file=path.name)
        if real.exists() and not (real.is_file() or real.is_dir()):
            raise errors.FileNotAllowed(file=path.name)
        return real


@dataclass(frozen=True)
class DatabasePlace:
    """A database on a server; `pinned` is the IP address that its name led to."""

    server: Server
    address: SourceAddress
    pinned: str

    def __str__(self) -> str:
        held = self.address
        return f"{self.server}://{held.host}:{held.port}/{held.database}"


@dataclass(frozen=True)
class FilePlace:
    """A file, or a folder whose files are tables."""

    kind: FileKind | Literal["folder"]
    path: Path

    def __str__(self) -> str:
        return self.path.name

    def inside(self, table: str) -> FilePlace:
        """The file of a folder's table: by its whole name, or by its stem. Raises: FileNotAllowed, FileMissing."""
        if self.kind != "folder":
            return self
        if Path(table).name != table:
            raise errors.FileNotAllowed(file=table)
        if Path(table).suffix.lower() in SUFFIXES:
            return FilePlace(SUFFIXES[Path(table).suffix.lower()], self.path / table)
        for suffix, kind in SUFFIXES.items():
            if (self.path / f"{table}{suffix}").is_file():
                return FilePlace(kind, self.path / f"{table}{suffix}")
        raise errors.FileMissing(file=table)

    def writable(self, table: str) -> FilePlace:
        """The file that a table is written to: in a folder, the one that the table's name with its suffix names.

        Raises: FileNotAllowed, AddressUnknown.
        """
        if self.kind != "folder":
            return self
        if Path(table).name != table:
            raise errors.FileNotAllowed(file=table)
        kind = SUFFIXES.get(Path(table).suffix.lower(), "csv")
        return FilePlace(
            kind, self.path / (table if Path(table).suffix.lower() in SUFFIXES else f"{table}.csv")
        )


Place = DatabasePlace | FilePlace | RemoteFile | WebList


def place_of(text: str, reach: Reach, password: str | None = None, access: Access | None = None) -> Place:
    """The place that an address names; `password` is used where the address carries none, `access` for servers of files.

    Raises: AddressUnknown, ParameterNotAllowed, NameNotPlain, HostNotAllowed, HostUnknown, FileNotAllowed.
    """
    scheme, colon, rest = text.partition(":")
    scheme = scheme.lower()
    if colon and scheme in SERVERS:
        return _database(text, reach, password)
    if colon and scheme == "sqlite":
        return FilePlace("sqlite", reach.file(Path(rest.removeprefix("//").split("?", maxsplit=1)[0])))
    if colon and scheme in _REMOTE:
        return _remote(_split(text), reach, access or Access(password or ""))
    if "://" in text or (colon and scheme == "file") or "\0" in text:
        raise errors.AddressUnknown(address=shown(text))
    path = reach.file(Path(text))
    if path.is_dir():
        return FilePlace("folder", path)
    kind = SUFFIXES.get(path.suffix.lower())
    if kind is None:
        raise errors.AddressUnknown(address=path.name)
    return FilePlace(kind, path)


def shown(address: str) -> str:
    """An address without user, password and parameters."""
    head, sign, rest = address.partition("://")
    if not sign:
        return address
    return f"{head}://{rest.rpartition('@')[2].partition('?')[0]}"


def _database(text: str, reach: Reach, password: str | None) -> DatabasePlace:
    parts = _split(text)
    if parts.query or parts.fragment:
        named = [pair.partition("=")[0] for pair in (parts.query or parts.fragment).split("&")]
        raise errors.ParameterNotAllowed(parameters=named)
    server, port = SERVERS[parts.scheme.lower()]
    database = unquote(parts.path.removeprefix("/"))
    if not parts.hostname or not database or any(mark in database for mark in _BROKEN):
        raise errors.AddressUnknown(address=shown(text))
    if server in ("oracle", "dm"):
        check_names(server, database, unquote(parts.username or ""))
    secret = unquote(parts.password) if parts.password is not None else password or ""
    address = SourceAddress(
        unquote(parts.hostname), parts.port or port, database, unquote(parts.username or ""), secret,
        connect_timeout_ms=10_000, timeout_ms=600_000,
    )  # fmt: skip
    return DatabasePlace(server, address, reach.pin(address))


def _remote(parts: SplitResult, reach: Reach, access: Access) -> RemoteFile | WebList:
    scheme = parts.scheme.lower()
    if not parts.hostname:
        raise errors.AddressUnknown(address=shown(parts.geturl()))
    port = parts.port or _REMOTE[scheme]
    allowed = reach.hosts if reach.hosts is not None else AllowedHosts((parts.hostname.lower(),))
    pinned = allowed.pin(parts.hostname, port)
    if scheme == "sftp":
        made = remote_file(parts, pinned, access)
        if made.path.suffix.lower() not in DATA_FILES:
            raise errors.AddressUnknown(address=str(made))
        return made
    return web_list(parts, pinned, access)


def _split(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        raise errors.AddressUnknown(address=shown(text)) from None
    return parts
