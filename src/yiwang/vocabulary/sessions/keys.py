"""The keys of a session: derived by both sides from what they agreed on and from everything they said."""

from __future__ import annotations

from typing import NamedTuple

from yiwang.vocabulary.crypto import Mac, Suite, hkdf

_LABEL = b"yw-session/1 "


class SessionKeys(NamedTuple):
    """One code for each direction, so that nothing can be sent back to whom it came from."""

    caller: Mac
    node: Mac


def derive(suite: Suite, secret: bytes, *, opening: bytes, answer: bytes) -> SessionKeys:
    """The keys of a session.

    Args:
        suite: of the caller's key.
        secret: what both sides agreed on.
        opening: digest of the opening request's signature base by the suite, 32 bytes.
        answer: body of the answer that opened the session, as it was sent.
    """
    both = hkdf(suite, secret, salt=opening, info=_LABEL + suite.digest(answer), size=64)
    return SessionKeys(Mac(suite, both[:32]), Mac(suite, both[32:]))
