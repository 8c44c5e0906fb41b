"""The second factor: time-based codes (RFC 6238 over RFC 4226) that count once, throttled, and recovery codes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

from yiwang.blocks.identity.domain.errors import CodeThrottled

STEP_SECONDS = 30
DIGITS = 6
TOLERANCE = 1
"""Steps before and after the present one that are taken too: a phone's clock is rarely exact."""
LONGEST_WAIT = 900
FREE_FAILURES = 2
"""Slips of the finger that cost no wait."""
RECOVERY_CODES = 10
ENROLMENT_LIFE = timedelta(minutes=15)
"""How long a secret may wait for its first code: whoever saw it on an abandoned page has nothing later."""


@dataclass(frozen=True)
class FactorState:
    """What is remembered of an authenticator: the last step that was used and the wrong codes since."""

    last_step: int = -1
    failures: int = 0
    failed_at: datetime | None = None

    def failed(self, now: datetime) -> FactorState:
        """The state after a wrong code."""
        return replace(self, failures=self.failures + 1, failed_at=now)


def code_at(secret: bytes, step: int) -> str:
    """The six digits of a time step (HMAC-SHA-1, as every authenticator programme computes them)."""
    mac = hmac.new(secret, step.to_bytes(8, "big"), hashlib.sha1).digest()
    start = mac[-1] & 0x0F
    number = int.from_bytes(mac[start : start + 4], "big") & 0x7FFFFFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def step_of(now: datetime) -> int:
    """The number of the 30-second step that `now` lies in."""
    return int(now.timestamp()) // STEP_SECONDS


def check_wait(state: FactorState, now: datetime) -> None:
    """Raises: CodeThrottled, while the wait after wrong codes is not over."""
    if state.failures <= FREE_FAILURES or state.failed_at is None:
        return
    wait = min(2 ** min(state.failures - FREE_FAILURES, 20), LONGEST_WAIT)
    left = state.failed_at + timedelta(seconds=wait) - now
    if left > timedelta(0):
        raise CodeThrottled(seconds=int(left.total_seconds()) + 1)


def decide_code(secret: bytes, state: FactorState, code: str, now: datetime) -> tuple[bool, FactorState]:
    """Whether the code counts, and what to remember. A step that was used, or an earlier one, never counts again.

    Raises: CodeThrottled.
    """
    check_wait(state, now)
    given = "".join(code.split())
    present = step_of(now)
    for step in range(present - TOLERANCE, present + TOLERANCE + 1):
        if step > state.last_step and hmac.compare_digest(code_at(secret, step).encode(), given.encode()):
            return True, FactorState(last_step=step)
    return False, state.failed(now)


def new_secret() -> bytes:
    """A secret of 160 bits, as RFC 4226 recommends."""
    return secrets.token_bytes(20)


def base32(secret: bytes) -> str:
    """The secret as people type it into an authenticator."""
    return base64.b32encode(secret).decode("ascii").rstrip("=")


def enrolment_uri(secret: bytes, username: str, issuer: str) -> str:
    """The `otpauth:` address that the QR code carries."""
    query = urlencode({"secret": base32(secret), "issuer": issuer, "digits": DIGITS, "period": STEP_SECONDS})
    return f"otpauth://totp/{quote(issuer)}:{quote(username)}?{query}"


def new_recovery_codes() -> tuple[str, ...]:
    """Ten codes of 80 bits, in groups of four characters."""
    return tuple(_recovery_code() for _ in range(RECOVERY_CODES))


def recovery_digest(code: str) -> str:
    """What is kept of a recovery code, however it was typed."""
    plain = "".join(c for c in code.lower() if c.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()


def _recovery_code() -> str:
    text = base64.b32encode(secrets.token_bytes(10)).decode("ascii").lower()
    return "-".join(text[at : at + 4] for at in range(0, 16, 4))
