"""Digests under which nonces, charges and subjects are stored: short, and for subjects keyed by a period's secret."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from datetime import date

from yiwang.blocks.journal.domain.errors import TooManySubjects
from yiwang.blocks.journal.domain.prepared import Charge, Nonce, Subject
from yiwang.blocks.journal.domain.subjects import token_start
from yiwang.vocabulary.crypto import Suite
from yiwang.vocabulary.evidence import subject_commitment

SALT = 16
_STOCK = 4096
MOST = 512
"""Commitments that a leaf may hold (docs/specs/evidence.md §3)."""
KEY = 16
PREPARED = 10_000


def nonce_key(nonce: Nonce) -> bytes:
    """What stands in `journal_nonce` for a nonce: 128 bits are past any accident, and cheap to index."""
    return hashlib.sha256(f"{nonce.kid}\0{nonce.nonce}".encode()).digest()[:KEY]


class SubjectKeys:
    """The secret keys of periods (calendar months), each asked for once, and hashes prepared under them."""

    def __init__(self, source: Callable[[str], bytes]) -> None:
        """`source` gives the key of a period such as `2026-11`."""
        self._source = source
        self._known: dict[str, bytes] = {}
        self._usage: dict[tuple[str, date], hashlib.blake2b] = {}
        self._tokens: dict[tuple[str, str], hashlib.blake2b] = {}

    def key(self, period: str) -> bytes:
        """The key of a period."""
        known = self._known.get(period)
        if known is None:
            known = self._known[period] = self._source(period)
        return known

    def usage_keys(self, charge: Charge) -> list[bytes]:
        """What stands in `journal_usage_subject` for each distinct subject of a charge."""
        prepared = self._usage.get((charge.grant, charge.day))
        if prepared is None:
            if len(self._usage) >= PREPARED:
                self._usage.clear()
            prepared = hashlib.blake2b(
                f"{charge.grant}\0{charge.day.isoformat()}\0".encode(),
                key=self.key(period_of(charge.day)),
                digest_size=KEY,
            )
            self._usage[charge.grant, charge.day] = prepared
        subjects = charge.subjects if len(charge.subjects) == 1 else dict.fromkeys(charge.subjects)
        return [_ended(prepared, value) for value in subjects]

    def token(self, period: str, subject: Subject) -> bytes:
        """What stands in `journal_subject` for a person."""
        prepared = self._tokens.get((period, subject.kind))
        if prepared is None:
            if len(self._tokens) >= PREPARED:
                self._tokens.clear()
            prepared = self._tokens[period, subject.kind] = token_start(self.key(period), subject.kind)
        return _ended(prepared, subject.value)


def _ended(prepared: hashlib.blake2b, value: str) -> bytes:
    state = prepared.copy()
    state.update(value.encode())
    return state.digest()


def idempotency_key(charge: Charge) -> bytes | None:
    """What stands in `journal_idempotency` for a charge; None where every call costs."""
    if charge.idempotency is None:
        return None
    text = f"{charge.client}\0{charge.grant}\0{charge.day.toordinal()}\0{charge.idempotency}"
    return hashlib.sha256(text.encode()).digest()[:KEY]


def period_of(day: date) -> str:
    """The period whose key serves a day."""
    return f"{day.year:04d}-{day.month:02d}"


class Salts:
    """Random salts, fetched from the system in stock: asking it for each costs more than using one."""

    __slots__ = ("_at", "_stock")

    def __init__(self) -> None:
        """Nothing in stock."""
        self._stock = b""
        self._at = 0

    def draw(self) -> bytes:
        """A salt that was never given out before."""
        at = self._at
        if at >= len(self._stock):
            self._stock, at = os.urandom(_STOCK), 0
        self._at = at + SALT
        return self._stock[at : at + SALT]


_salt = Salts().draw


class Commitments:
    """Salted commitments of one leaf, with what the erasable index needs to find and open them.

    A person who stands in several fields has one salt and one index row, and a commitment for each field.
    """

    __slots__ = ("hexes", "salts", "tokens")

    def __init__(
        self, suite: Suite, secrets: SubjectKeys, period: str, subjects: tuple[Subject, ...]
    ) -> None:
        """Draw a salt for each person. Raises: TooManySubjects."""
        if len(subjects) > MOST:
            raise TooManySubjects(limit=MOST)
        salts: dict[bytes, bytes] = {}
        self.hexes: list[str] = []
        for subject in subjects:
            token = secrets.token(period, subject)
            salt = salts.get(token)
            if salt is None:
                salt = salts[token] = _salt()
            self.hexes.append(subject_commitment(suite, salt, subject.resource, subject.field, subject.value))
        self.tokens = list(salts)
        self.salts = list(salts.values())
