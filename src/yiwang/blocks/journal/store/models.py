"""Tables of the journal block: the tree logs, what is committed with each leaf, and what is derived from them.

Gateways and the notary write with SQL of their own; the application reads here and writes to the outbox only.
Leaves and heads are append-only: no role but the tables' owner may change or delete them.
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q


class Log(models.Model):
    """A tree log of this node. Requests signed before `not_before` (Unix seconds) are refused: see the recovery."""

    name = models.TextField(primary_key=True)
    node = models.TextField()
    suite = models.TextField()
    not_before = models.BigIntegerField(default=0)
    opened = models.DateTimeField()

    class Meta:
        db_table = "journal_log"

    def __str__(self) -> str:
        return self.name


class Lease(models.Model):
    """Who writes a log. `term` grows with each writer; a commit under an older term is refused."""

    log = models.TextField(primary_key=True)
    term = models.BigIntegerField()
    holder = models.TextField()
    taken = models.DateTimeField()

    class Meta:
        db_table = "journal_lease"

    def __str__(self) -> str:
        return f"{self.log} term {self.term}"


class Leaf(models.Model):
    """One leaf: its canonical text, the hash the tree is made of, and what is kept beside the signed text."""

    pk = models.CompositePrimaryKey("log", "index")
    log = models.TextField()
    index = models.BigIntegerField()
    leaf = models.TextField()
    leaf_hash = models.BinaryField()
    request_id = models.TextField()
    took_us = models.IntegerField()

    class Meta:
        db_table = "journal_leaf"
        # request ids grow with time, so block ranges find one; a tree index would cost every insert
        indexes: ClassVar[list[models.Index]] = [
            BrinIndex(
                fields=["request_id"], name="journal_leaf_request", autosummarize=True, pages_per_range=16
            )
        ]

    def __str__(self) -> str:
        return f"{self.log}/{self.index}"


class Head(models.Model):
    """A signed tree head; every batch has one."""

    pk = models.CompositePrimaryKey("log", "size")
    log = models.TextField()
    size = models.BigIntegerField()
    epoch = models.IntegerField()
    head = models.TextField()
    signature = models.BinaryField()

    class Meta:
        db_table = "journal_head"

    def __str__(self) -> str:
        return f"{self.log} size {self.size}"


class Node(models.Model):
    """Hashes of complete subtrees of 256 leaves and more, written afterwards, for proofs and for the audit."""

    pk = models.CompositePrimaryKey("log", "level", "index")
    log = models.TextField()
    level = models.SmallIntegerField()
    index = models.BigIntegerField()
    hash = models.BinaryField()

    class Meta:
        db_table = "journal_node"

    def __str__(self) -> str:
        return f"{self.log} {self.level}/{self.index}"


class Nonce(models.Model):
    """A nonce that was used, as a digest over key id and nonce; kept for twice the window."""

    key = models.BinaryField(primary_key=True)
    created = models.BigIntegerField()

    class Meta:
        db_table = "journal_nonce"

    def __str__(self) -> str:
        return bytes(self.key).hex()


class Usage(models.Model):
    """What a grant has used on a day. The limits stand beside the counts so that no race can pass them."""

    pk = models.CompositePrimaryKey("grant_id", "day")
    grant_id = models.TextField()
    day = models.DateField()
    calls = models.IntegerField()
    calls_limit = models.IntegerField()
    subjects = models.IntegerField()
    subjects_limit = models.IntegerField()

    class Meta:
        db_table = "journal_usage"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(calls__lte=F("calls_limit")), name="journal_usage_calls"),
            models.CheckConstraint(
                condition=Q(subjects__lte=F("subjects_limit")), name="journal_usage_subjects"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.grant_id} on {self.day}"


class UsageSubject(models.Model):
    """A subject asked about under a grant on a day, as a keyed digest, with the verifications made."""

    key = models.BinaryField(primary_key=True)
    day = models.DateField()
    attempts = models.IntegerField()
    attempts_limit = models.IntegerField()

    class Meta:
        db_table = "journal_usage_subject"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(attempts__lte=F("attempts_limit")), name="journal_usage_subject_attempts"
            )
        ]

    def __str__(self) -> str:
        return bytes(self.key).hex()


class Idempotency(models.Model):
    """An idempotency key that was charged already, as a digest over client, grant, day and key."""

    key = models.BinaryField(primary_key=True)
    day = models.DateField()

    class Meta:
        db_table = "journal_idempotency"

    def __str__(self) -> str:
        return bytes(self.key).hex()


class SubjectUse(models.Model):
    """The erasable index: a person's token under a period's key, where the leaf lies, the commitment's salt."""

    pk = models.CompositePrimaryKey("token", "log", "index")
    token = models.BinaryField()
    log = models.TextField()
    index = models.BigIntegerField()
    salt = models.BinaryField()
    period = models.TextField()

    class Meta:
        db_table = "journal_subject"

    def __str__(self) -> str:
        return f"{self.log}/{self.index}"


class Ack(models.Model):
    """The caller's countersignature: this leaf's answer arrived."""

    pk = models.CompositePrimaryKey("log", "index")
    log = models.TextField()
    index = models.BigIntegerField()
    client = models.TextField()
    kid = models.TextField()
    leaf_hash = models.BinaryField()
    signature = models.BinaryField()
    time = models.DateTimeField()

    class Meta:
        db_table = "journal_ack"

    def __str__(self) -> str:
        return f"{self.log}/{self.index}"


class Session(models.Model):
    """A session that a caller opened: `opening` is the handshake as an evidence file, its leaf at `index`."""

    id = models.TextField(primary_key=True)
    client = models.TextField()
    kid = models.TextField()
    log = models.TextField()
    index = models.BigIntegerField()
    opening = models.TextField()
    opened = models.DateTimeField()

    class Meta:
        db_table = "journal_session"
        indexes: ClassVar = [models.Index(fields=["client", "-opened"], name="journal_session_client")]

    def __str__(self) -> str:
        return f"session {self.id}"


class Countersignature(models.Model):
    """What a caller signed over a tree head and its calls in a session.

    `indexes` are the places of the answered calls' leaves, eight bytes each, growing; `lost` the digests, 32 bytes
    each, of requests whose answers did not arrive.
    """

    pk = models.CompositePrimaryKey("session", "number")
    session = models.TextField()
    number = models.BigIntegerField()
    log = models.TextField()
    size = models.BigIntegerField()
    indexes = models.BinaryField()
    lost = models.BinaryField()
    statement = models.TextField()
    signature = models.BinaryField()
    time = models.DateTimeField()

    class Meta:
        db_table = "journal_countersignature"

    def __str__(self) -> str:
        return f"countersignature {self.number} of session {self.session}"


class Outbox(models.Model):
    """A leaf to be: written with the change it records, taken into the office log by the notary."""

    id = models.BigAutoField(primary_key=True)
    entry = models.TextField()

    class Meta:
        db_table = "journal_outbox"

    def __str__(self) -> str:
        return f"outbox {self.id}"


class Watermark(models.Model):
    """How far a log's derived tables reach: leaves below `noded` and `rolled` are in them."""

    log = models.TextField(primary_key=True)
    noded = models.BigIntegerField(default=0)
    rolled = models.BigIntegerField(default=0)

    class Meta:
        db_table = "journal_watermark"

    def __str__(self) -> str:
        return self.log


class Rollup(models.Model):
    """Calls of a day added up; empty text stands for what a leaf does not carry.

    `histogram` counts answers by duration: bucket n holds those below 2^(n/2) ms, see `domain.rollup`.
    """

    id = models.BigAutoField(primary_key=True)
    day = models.DateField()
    consumer = models.TextField()
    provider = models.TextField()
    resource = models.TextField()
    grant_id = models.TextField()
    kind = models.TextField()
    status_class = models.SmallIntegerField()
    code = models.TextField()
    calls = models.BigIntegerField()
    rows = models.BigIntegerField()
    histogram = ArrayField(models.BigIntegerField())

    class Meta:
        db_table = "journal_rollup"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=[
                    "day",
                    "consumer",
                    "provider",
                    "resource",
                    "grant_id",
                    "kind",
                    "status_class",
                    "code",
                ],
                name="journal_rollup_dimensions",
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.grant_id}"


class Purpose(models.Model):
    """Answered calls of a day by the purpose that their grant names; derived from leaves like `Rollup`."""

    id = models.BigAutoField(primary_key=True)
    day = models.DateField()
    consumer = models.TextField()
    provider = models.TextField()
    resource = models.TextField()
    grant_id = models.TextField()
    purpose = models.TextField()
    calls = models.BigIntegerField()
    rows = models.BigIntegerField()

    class Meta:
        db_table = "journal_purpose"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["day", "consumer", "provider", "resource", "grant_id", "purpose"],
                name="journal_purpose_dimensions",
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.grant_id}"


class ItemUse(models.Model):
    """Answered calls of a day that held an item, as gateways counted them: a statistic beside the evidence."""

    id = models.BigAutoField(primary_key=True)
    day = models.DateField()
    consumer = models.TextField()
    provider = models.TextField()
    resource = models.TextField()
    grant_id = models.TextField()
    item = models.TextField()
    """Its name in answers."""
    calls = models.BigIntegerField()
    rows = models.BigIntegerField()

    class Meta:
        db_table = "journal_item_use"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["day", "consumer", "provider", "resource", "grant_id", "item"],
                name="journal_item_use_dimensions",
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.grant_id} {self.item}"


class Recent(models.Model):
    """Where the latest leaves of something lie, newest last: `scope` is grant, consumer, provider or refusals."""

    pk = models.CompositePrimaryKey("scope", "name")
    scope = models.TextField()
    name = models.TextField()
    logs = ArrayField(models.TextField())
    indexes = ArrayField(models.BigIntegerField())

    class Meta:
        db_table = "journal_recent"

    def __str__(self) -> str:
        return f"{self.scope} {self.name}"
