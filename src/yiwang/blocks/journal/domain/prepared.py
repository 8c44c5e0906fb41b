"""What a gateway hands to the evidence writer for one answer; it gets back a `vocabulary.evidence.Receipt`.

Structs and not dataclasses: one of each is made for every call, at a tenth of the cost.
"""

from __future__ import annotations

from datetime import date

import msgspec

from yiwang.vocabulary.evidence.leaf import Kind, RequestAlg, Upstream


class Nonce(msgspec.Struct, frozen=True, gc=False):
    """The nonce of a signed request; `created` is the time of signing in Unix seconds."""

    kid: str
    nonce: str
    created: int


class Charge(msgspec.Struct, frozen=True, gc=False):
    """What this answer uses up of a grant, on `day` of the node's calendar.

    `idempotency` (the key that the caller sent; None charges always) makes a repeated call cost one unit only.
    `subjects` are the normalised values asked about; they are stored under a key, never as they are. Each counts
    once a day towards `subjects_per_day`; with `attempt` each also counts towards `attempts_per_subject`.
    """

    grant: str
    day: date
    client: str
    idempotency: str | None
    calls_per_day: int
    subjects: tuple[str, ...] = ()
    subjects_per_day: int = 0
    attempt: bool = False
    attempts_per_subject: int = 0


class Subject(msgspec.Struct, frozen=True, gc=False):
    """A natural person whose data an answer is about, for the salted commitment and the erasable index.

    `kind` (such as `resident_id`) and the normalised `value` find all uses of one person's data; `resource` and
    `field` go into the commitment of the leaf.
    """

    kind: str
    value: str
    resource: str
    field: str


class Prepared(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One leaf to be, with everything that must hold when it is stored.

    The fields of the leaf stand under their names in the evidence specification; `time`, `node`, `log`, `epoch`
    and the subject commitments are the writer's. `response` is the hex digest of the answer's body by the log's
    suite (`EvidenceWriter.suite`). `grant_epoch` and `client_epoch`, where given, must still be those of the
    active rows of `grant` and `client` in the transaction that stores the leaf. `took_us` is how long the answer
    took, kept beside the leaf, not in it.
    """

    kind: Kind
    request_id: str
    status: int
    consumer: str | None = None
    client: str | None = None
    key: str | None = None
    provider: str | None = None
    resource: str | None = None
    version: int | None = None
    grant: str | None = None
    grant_version: int | None = None
    purpose: str | None = None
    request: str | None = None
    request_alg: RequestAlg | None = None
    response: str | None = None
    rows: int | None = None
    code: str | None = None
    event: str | None = None
    detail: dict[str, object] | None = None
    took_us: int = 0
    nonce: Nonce | None = None
    grant_epoch: int | None = None
    client_epoch: int | None = None
    charge: Charge | None = None
    subjects: tuple[Subject, ...] = ()
    upstream: tuple[Upstream, ...] = ()
    """Evidence of the node that the answer came from."""
    proving: bool = True
    """Whether the receipt shall hold leaf and proof; else it only says where the leaf lies, and under which head."""
    outbox: int | None = None
    """Row of `journal_outbox` that this leaf replaces (the notary's use)."""
