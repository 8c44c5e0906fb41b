"""How a node reaches another: one POST, answered whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

import msgspec

UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError)
"""What decoding raises for a message that was damaged on its way."""


class Transport(Protocol):
    """Sends a request to another node."""

    def post(self, node: str, url: str, headers: Mapping[str, str], body: bytes) -> bytes:
        """The body of the answer. Raises: PeerUnreachable, PeerRefused."""
