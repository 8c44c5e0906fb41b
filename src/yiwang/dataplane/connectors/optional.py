"""Oracle and 达梦: sessions through drivers that are installed by those who need them. docs/adr/0301.

Both drivers take addresses that lead elsewhere: Oracle's a whole connect descriptor, a wallet, an alias of tnsnames.ora
or a proxy user, 达梦's a group of servers. Here host and port are those that were looked up, and service, schema and
user are plain names; nothing else of an address reaches a driver.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Final, Literal, Protocol

from yiwang.dataplane.connectors import errors
from yiwang.dataplane.connectors.facts import SourceAddress

Scheme = Literal["oracle", "dm"]
_NAME: Final[Mapping[Scheme, re.Pattern[str]]] = {
    "oracle": re.compile(r"[A-Za-z0-9][A-Za-z0-9_$#.-]{0,127}"),
    "dm": re.compile(r"[A-Za-z_\u4e00-\u9fff][A-Za-z0-9_$#\u4e00-\u9fff]{0,127}"),
}
_USER: Final = re.compile(r"[A-Za-z_\u4e00-\u9fff][A-Za-z0-9_$#\u4e00-\u9fff]{0,127}")
_CODE: Final = re.compile(r"(?:ORA|DPY)-\d{4,5}|(?<=\[CODE:)-\d{1,6}(?=\])")
REFUSED: Final = frozenset(
    {"ORA-01017", "ORA-28000", "ORA-28001", "ORA-01045", "-2501", "-2504", "-2506", "-2507"}
)
NO_DATABASE: Final = frozenset({"ORA-12514", "ORA-12505", "DPY-6001", "DPY-6003", "-2103"})
NO_RIGHT: Final = frozenset({"ORA-01031", "ORA-00942", "-5504", "-5515", "-2106"})
SLOW: Final = frozenset({"DPY-4024", "ORA-01013", "ORA-03156", "-7013"})
LOST: Final = frozenset(
    {"DPY-4011", "DPY-1001", "DPY-6005", "DPY-6000", "ORA-03113", "ORA-03114", "ORA-12541", "ORA-12170", "-70019", "-70028", "-6007"}
)  # fmt: skip


@dataclass(frozen=True)
class Driver:
    """A driver: its module, how it is named, the extra that brings it, and the bounds that are known to work."""

    module: str
    extra: str
    title: str
    wanted: str


DRIVERS: Final[Mapping[Scheme, Driver]] = {
    "oracle": Driver("oracledb", "oracle", "Oracle", "oracledb>=3"),
    "dm": Driver("dmPython", "dm", "达梦", "dmPython>=2.5.30"),
}


class Cursor(Protocol):
    """What is used of a driver's cursor (PEP 249)."""

    def execute(self, statement: str, parameters: Sequence[object]) -> object:
        """Run a statement."""

    def fetchall(self) -> Sequence[Sequence[object]]:
        """All rows."""

    def fetchmany(self, size: int) -> Sequence[Sequence[object]]:
        """Some rows."""

    def close(self) -> None:
        """End it."""


class Connection(Protocol):
    """What is used of a driver's connection (PEP 249)."""

    def cursor(self) -> Cursor:
        """A new cursor."""

    def rollback(self) -> None:
        """Take back what is open."""

    def close(self) -> None:
        """End it."""


def check_names(scheme: Scheme, database: str, user: str) -> None:
    """Refuse names by which a driver would be led elsewhere. Raises: NameNotPlain."""
    for what_zh, what_en, name, plain in (
        ("服务名" if scheme == "oracle" else "模式名", "service" if scheme == "oracle" else "schema", database, _NAME[scheme]),
        ("用户名", "user", user, _USER),
    ):  # fmt: skip
        if plain.fullmatch(name) is None:
            raise errors.NameNotPlain(what_zh=what_zh, what_en=what_en, kind=DRIVERS[scheme].title)


def driver(scheme: Scheme) -> ModuleType:
    """The driver's module. Raises: DriverMissing, DriverBroken."""
    held = DRIVERS[scheme]
    try:
        return importlib.import_module(held.module)
    except ModuleNotFoundError as error:
        if error.name == held.module:
            raise errors.DriverMissing(
                kind=held.title, package=held.module, wanted=held.wanted, extra=held.extra
            ) from None
        raise errors.DriverBroken(kind=held.title, package=held.module) from None
    except (ImportError, OSError):
        raise errors.DriverBroken(kind=held.title, package=held.module) from None


def connect(scheme: Scheme, address: SourceAddress, pinned: str) -> Connection:
    """A session at the pinned address.

    Raises: NameNotPlain, DriverMissing, DriverBroken, and what `told` makes of the server's complaint.
    """
    check_names(scheme, address.database, address.user)
    open_session: Callable[..., Connection] = driver(scheme).connect
    seconds = max(1, address.connect_timeout_ms // 1000)
    words: dict[str, object] = {"user": address.user, "password": address.password, "port": address.port}
    if scheme == "oracle":
        words |= {
            "host": pinned, "protocol": "tcp", "service_name": address.database, "tcp_connect_timeout": float(seconds),
            "retry_count": 0, "externalauth": False,
        }  # fmt: skip
    else:
        words |= {"server": pinned, "autoCommit": False, "login_timeout": seconds}
    try:
        connection = open_session(**words)
    except Exception as error:  # the drivers share no base class that is importable without them
        raise told(scheme, error, address) from None
    if scheme == "oracle":
        setattr(connection, "call_timeout", address.timeout_ms)  # noqa: B010 - the driver's own attribute
    return connection


def told(scheme: Scheme, error: Exception, address: SourceAddress) -> errors.ConnectorError:
    """The server's complaint in our words; its own text may quote data, so that its number alone is passed on."""
    where = f"{scheme}://{address.host}:{address.port}/{address.database}"
    found = _CODE.search(str(error))
    code = found[0] if found else ""
    if code in REFUSED:
        return errors.LoginRefused(address=where, user=address.user)
    if code in NO_DATABASE:
        return errors.DatabaseMissing(address=where, database=address.database)
    if code in NO_RIGHT:
        return errors.RightMissing(user=address.user, relation=where)
    if code in SLOW:
        return errors.DatabaseSlow(address=where, timeout_ms=address.timeout_ms)
    if code in LOST:
        return errors.DatabaseUnreachable(address=where)
    return errors.DatabaseFault(address=where, state=code or type(error).__name__)
