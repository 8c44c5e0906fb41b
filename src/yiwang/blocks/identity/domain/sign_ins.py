"""How long a signed-in browser stays signed in, and what stands between the password and the work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address

from yiwang.blocks.identity.domain.actor import Actor

LIFETIME = timedelta(hours=8)
IDLE = timedelta(minutes=30)
NOTICE = timedelta(minutes=1)
"""How often it is written down that a browser was seen."""

SIGN_IN = "yw_sign_in"
"""Where the cookie's server-side state keeps the number of the sign-in."""
SECOND_FACTOR = "second-factor"
ENROL = "enrol"
PASSWORD = "password"  # noqa: S105 - the name of a step


@dataclass(frozen=True)
class SignedIn:
    """A signed-in browser. `pending` is the step still owed before any work: second-factor, enrol, password or None."""

    id: int
    actor: Actor
    pending: str | None


def still_open(started: datetime, seen: datetime, now: datetime) -> bool:
    """Whether a sign-in counts: at most 8 hours old and used within the last 30 minutes."""
    return now < started + LIFETIME and now < seen + IDLE


def pending_step(
    *, strong: bool, second_factor: bool, has_authenticator: bool, must_change_password: bool
) -> str | None:
    """What must come first. An authenticator that exists is asked for even when no role demands it."""
    if not second_factor and has_authenticator:
        return SECOND_FACTOR
    if must_change_password:
        return PASSWORD
    if strong and not second_factor:
        return ENROL
    return None


def address_of(remote: str) -> str | None:
    """The address of a peer in normal form; a port behind it is dropped. None when it is none."""
    for text in (remote, remote.rpartition(":")[0].strip("[]")):
        try:
            return str(ip_address(text))
        except ValueError:
            continue
    return None


def is_loopback(address: str | None) -> bool:
    """Whether the peer is this machine itself."""
    return address is not None and ip_address(address).is_loopback


def browser_words(agent: str) -> str:
    """A browser's name and system in two words, for the list of sign-ins; the full header is not kept."""
    names = (("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
    systems = (
        ("Windows", "Windows"),
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    )
    name = next((shown for mark, shown in names if mark in agent), "")
    system = next((shown for mark, shown in systems if mark in agent), "")
    return " · ".join(word for word in (name, system) if word)
