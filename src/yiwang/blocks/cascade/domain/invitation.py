"""The text of an invitation: where the parent is, which key it has, and a secret that works once.

An operator of the child pastes it, so its address is looked at before anything is sent there: no other scheme than
HTTP(S), no account in it, and no address of the machine's own link, where devices and clouds answer without asking.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
from typing import Annotated
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from yiwang.blocks.cascade.domain.errors import InvitationUnusable
from yiwang.vocabulary.evidence.leaf import Kid, Name

PREFIX = "yw-join"
MAX_TEXT = 2000


class Invited(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an invitation holds. `kid` is the fingerprint of the parent's key."""

    url: Annotated[str, Meta(max_length=300)]
    node: Name
    kid: Kid
    secret: Annotated[str, Meta(max_length=100)]


def write_invitation(invited: Invited) -> str:
    """The text that is handed over."""
    return f"{PREFIX}." + base64.urlsafe_b64encode(msgspec.json.encode(invited)).decode("ascii").rstrip("=")


def read_invitation(text: str) -> Invited:
    """What an invitation says, before anybody is asked. Raises: InvitationUnusable."""
    start, _, rest = text.strip().partition(".")
    try:
        if start != PREFIX or len(rest) > MAX_TEXT or not rest.isascii():
            raise InvitationUnusable
        data = base64.urlsafe_b64decode(rest + "=" * (-len(rest) % 4))
        invited = msgspec.json.decode(data, type=Invited)
    except (binascii.Error, ValueError, msgspec.DecodeError) as problem:
        raise InvitationUnusable from problem
    if not _reachable(invited.url):
        raise InvitationUnusable
    return invited


def _reachable(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if (
        parts.scheme not in ("http", "https")
        or not host
        or parts.query
        or parts.fragment
        or "@" in parts.netloc
    ):
        return False
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return True
    return not (address.is_link_local or address.is_multicast or address.is_unspecified)
