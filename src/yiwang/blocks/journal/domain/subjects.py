"""How a natural person stands in the evidence: a salted commitment in the leaf, a keyed token in the erasable index.

A stable hash of an identity number could be found by trying all numbers, so the leaf holds
H(salt ‖ canonical {"field","resource","value"}); whoever knows salt and value can show that a leaf is about them.
Erasing the index row (salt and token) leaves a commitment that says nothing.
"""

from __future__ import annotations

import hashlib
import hmac

from yiwang.vocabulary.canonical import canonical
from yiwang.vocabulary.crypto import Suite

PERIOD_PURPOSE = "subject-"


def commitment(suite: Suite, salt: bytes, resource: str, field: str, value: str) -> bytes:
    """H(salt16 ‖ canonical {"field","resource","value"})."""
    return suite.digest(salt + canonical({"field": field, "resource": resource, "value": value}))


def subject_token(secret: bytes, kind: str, value: str) -> bytes:
    """The token under a period's key by which all uses of one person's data are found."""
    return hmac.digest(secret, f"{kind}\0{value}".encode(), hashlib.sha256)[:16]


def period_purpose(period: str) -> str:
    """The key provider's name for the secret of a period: destroying that key makes the period unreadable."""
    return PERIOD_PURPOSE + period
