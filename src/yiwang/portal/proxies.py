"""Reverse proxies that the operator trusts: behind them the caller's address is the one that the proxy tells."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

FORWARDED_FOR: Final = "HTTP_X_FORWARDED_FOR"
TOLD: Final = (FORWARDED_FOR, "HTTP_FORWARDED", "HTTP_X_REAL_IP")

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address


def read_networks(text: str) -> tuple[Network, ...]:
    """Addresses and networks between commas. Raises: ValueError, which names the part that is neither."""
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


def caller_behind(remote: str, forwarded: str, trusted: Iterable[Network]) -> Address | None:
    """The caller whom trusted proxies speak for; None where nobody trusted speaks or what is said is no address.

    `forwarded` is the header X-Forwarded-For. It is read from its end: each proxy adds whom it was called by, so the
    last address that is not a trusted proxy's is the caller's, and whatever stands before it is the caller's own word.
    """
    networks = tuple(trusted)

    def known(address: Address) -> bool:
        return any(address in network for network in networks)

    try:
        if not known(_plain(ip_address(remote))):
            return None
        chain = [_plain(ip_address(part.strip())) for part in reversed(forwarded.split(","))]
    except ValueError:
        return None
    return next((address for address in chain if not known(address)), None)


def _plain(address: Address) -> Address:
    """An IPv4 address that came as IPv6, as itself."""
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


class TrustedProxies:
    """Puts the caller's address in the place of the proxy's, for locks, sign-ins and everything after it.

    A caller on this machine is not put in: that a request came through a proxy must stay visible, for what answers to
    this machine alone (demo accounts) never answers through one.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self._trusted: tuple[Network, ...] = settings.YW_TRUSTED_PROXIES

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request as that of its caller."""
        if self._trusted and FORWARDED_FOR in request.META:
            caller = caller_behind(request.META["REMOTE_ADDR"], request.META[FORWARDED_FOR], self._trusted)
            if caller is not None and not caller.is_loopback:
                request.META["REMOTE_ADDR"] = str(caller)
                for name in TOLD:
                    request.META.pop(name, None)
        return self.get_response(request)
