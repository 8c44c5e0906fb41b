"""Which addresses a server may connect to: an operator's list, since departments' databases are on private networks.

An entry is an address (`10.1.2.3`, `::1`), a network (`10.20.0.0/16`) or a host name (`db.lan`), each with an
optional `:port`. Nothing is allowed that is not listed. A name is resolved once and the address pinned, so that
a later answer of the name service cannot lead elsewhere.
"""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from typing import Final

from yiwang.dataplane.connectors.errors import HostNotAllowed, HostNotPublic, HostUnknown

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")


@dataclass(frozen=True)
class AllowedHosts:
    """The operator's list."""

    entries: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> AllowedHosts:
        """From a comma-separated setting."""
        return cls(tuple(part.strip().lower() for part in text.split(",") if part.strip()))

    def pin(self, host: str, port: int) -> str:
        """The IP address to connect to for this host.

        Raises:
            HostNotAllowed: it is not on the list, or is a socket path.
            HostUnknown: the name does not resolve.
        """
        name, where = _named(host, port)
        named = any(_matches_name(entry, name, port) for entry in self.entries)
        literal = _address(name)
        if literal is None and not named and not any(_network(_split(e)[0]) for e in self.entries):
            # do not even ask the name service about what cannot be allowed
            raise HostNotAllowed(address=where)
        for address in [literal] if literal is not None else _resolve(name, port):
            if named or any(_matches_network(entry, address, port) for entry in self.entries):
                return str(address)
        raise HostNotAllowed(address=where)

    def pin_public(self, host: str, port: int) -> str:
        """The IP address to send to: one that is listed, or a public one of a name that has no other.

        Raises:
            HostNotPublic: an answer of the name service is private, of this machine, or otherwise not public.
            HostNotAllowed: it is a socket path or no name.
            HostUnknown: the name does not resolve.
        """
        name, where = _named(host, port)
        named = any(_matches_name(entry, name, port) for entry in self.entries)
        literal = _address(name)
        found = [literal] if literal is not None else _resolve(name, port)
        for address in found:
            if named or any(_matches_network(entry, address, port) for entry in self.entries):
                return str(address)
        if not found or not all(map(is_public, found)):  # one bad answer among good ones is an attempt
            raise HostNotPublic(address=where)
        return str(found[0])


def is_public(address: Address) -> bool:
    """Whether anybody on the Internet could be meant; one with another inside (NAT64) only where both are."""
    inner = _inner(address)
    return (inner is None or is_public(inner)) and address.is_global and not address.is_multicast


def _inner(address: Address) -> ipaddress.IPv4Address | None:
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address.ipv4_mapped is not None or address.sixtofour is not None:
        return address.ipv4_mapped or address.sixtofour
    return address.teredo[1] if address.teredo is not None else None


def _named(host: str, port: int) -> tuple[str, str]:
    """A host as it is compared, and as it is told. Raises: HostNotAllowed."""
    name = host.strip().strip("[]").lower()
    where = f"{name}:{port}"
    if not name or not all(part.isprintable() and part not in "/\\,@ " for part in name):
        raise HostNotAllowed(address=where)
    return name, where


def _resolve(name: str, port: int) -> list[Address]:
    try:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise HostUnknown(address=name) from error
    return [ipaddress.ip_address(str(entry[4][0]).split("%", maxsplit=1)[0]) for entry in found]


def _address(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _split(entry: str) -> tuple[str, int | None]:
    if entry.startswith("["):
        inner, _, port = entry[1:].partition("]")
        return inner, int(port[1:]) if port[1:].isdigit() else None
    head, colon, port = entry.rpartition(":")
    if colon and port.isdigit() and ":" not in head:
        return head, int(port)
    return entry, None


def _matches_name(entry: str, name: str, port: int) -> bool:
    listed, only = _split(entry)
    return listed == name and only in (None, port)


def _matches_network(entry: str, address: Address, port: int) -> bool:
    listed, only = _split(entry)
    network = _network(listed)
    return network is not None and only in (None, port) and address in network
