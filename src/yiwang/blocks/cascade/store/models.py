"""Tables of the cascade: peers, the event journal in both directions, and what is known of other nodes."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from yiwang.blocks.cascade.store import news  # noqa: F401 - its tables are loaded with these


class Peer(models.Model):
    """A node joined with this one. `sealed`/`sent_hash`: our journal to it; `got`/`got_hash`: its journal to us."""

    name = models.TextField(primary_key=True)
    title = models.TextField()
    level = models.TextField()
    relation = models.TextField()
    """`parent` or `child`."""
    state = models.TextField()
    """`active`, `suspended`, `forked` (its journal contradicts itself) or `left`."""
    url = models.TextField()
    gateway = models.TextField()
    card = models.TextField()
    """Its signed card, as it came: the keys that are pinned."""
    joined_at = models.DateTimeField()
    sealed = models.BigIntegerField(default=0)
    sent_hash = models.TextField()
    got = models.BigIntegerField(default=0)
    got_hash = models.TextField()
    taken = models.BigIntegerField(default=0)
    """How far it has told that it took ours."""
    seen_at = models.DateTimeField(null=True)
    problem_code = models.TextField(blank=True)
    problem_facts = models.JSONField(default=dict)
    """What went wrong when it was asked last: an error by its code and facts."""
    problem = models.TextField(blank=True)
    """Words as they came: why it left; of an error that was kept before its code was, its sentence."""
    problem_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "cascade_peer"


class Invitation(models.Model):
    """A one-time invitation of a child, kept as a digest."""

    digest = models.TextField(primary_key=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_by = models.TextField(blank=True)

    class Meta:
        db_table = "cascade_invitation"


class Nonce(models.Model):
    """A nonce of a signed request between nodes; kept for twice the window."""

    value = models.TextField(primary_key=True)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "cascade_nonce"


class Outgoing(models.Model):
    """An event on its way to a peer, left in the transaction of the change; numbered and sealed afterwards."""

    id = models.BigAutoField(primary_key=True)
    peer = models.TextField(db_index=True)
    text = models.TextField()

    class Meta:
        db_table = "cascade_outgoing"


class Sealed(models.Model):
    """A sealed run of our journal to a peer. `first` to `last` are its events."""

    pk = models.CompositePrimaryKey("peer", "first")
    peer = models.TextField()
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    seal = models.TextField()
    signature = models.TextField()
    events = models.JSONField()

    class Meta:
        db_table = "cascade_sealed"


class Received(models.Model):
    """An event of a peer that was applied, or passed over (`problem`)."""

    pk = models.CompositePrimaryKey("peer", "number")
    peer = models.TextField()
    number = models.BigIntegerField()
    event = models.TextField(unique=True)
    kind = models.TextField()
    origin = models.TextField()
    subject = models.TextField()
    at = models.DateTimeField()
    problem = models.TextField(blank=True)

    class Meta:
        db_table = "cascade_received"


class Node(models.Model):
    """A node that is known, and the peer through which it is reached."""

    name = models.TextField(primary_key=True)
    title = models.TextField()
    level = models.TextField()
    via = models.TextField()

    class Meta:
        db_table = "cascade_node"


class ForeignAgency(models.Model):
    """An agency of another node."""

    uscc = models.CharField(max_length=18, primary_key=True)
    node = models.TextField(db_index=True)
    name = models.TextField()
    name_en = models.TextField(blank=True)
    active = models.BooleanField(default=True)

    class Meta:
        db_table = "cascade_agency"


class Entry(models.Model):
    """A catalogue entry of another node; `doc` is the body of its last event."""

    pk = models.CompositePrimaryKey("node", "code")
    node = models.TextField()
    code = models.CharField(max_length=64)
    title = models.TextField()
    provider = models.CharField(max_length=18)
    provider_name = models.TextField()
    state = models.TextField()
    version = models.IntegerField()
    doc = models.JSONField()
    words = SearchVectorField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "cascade_entry"
        indexes: ClassVar[list[models.Index]] = [GinIndex(fields=["words"], name="cascade_entry_words")]


class Asking(models.Model):
    """A request that crosses nodes, at the asking node, at the owner, and at none between. `id` is the asker's number."""

    id = models.CharField(max_length=100, primary_key=True)
    origin = models.TextField()
    owner = models.TextField()
    resource = models.CharField(max_length=64)
    title = models.TextField()
    provider = models.CharField(max_length=18)
    provider_name = models.TextField()
    consumer = models.CharField(max_length=18)
    consumer_name = models.TextField()
    applicant_name = models.TextField()
    reason = models.TextField()
    wish = models.JSONField()
    state = models.TextField()
    number = models.TextField(blank=True)
    """Its number at the owner."""
    answer = models.TextField(blank=True)
    """What a person wrote; of an owner of an earlier release also what its node said, as it came."""
    refusal = models.JSONField(default=dict)
    """What the owner's node said against the last step: an error by its code and facts, see `domain.refusal`."""
    basis = models.TextField(blank=True)
    due = models.TextField(blank=True)
    grant = models.TextField(blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "cascade_asking"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["number"], name="cascade_asking_number")
        ]


class ForeignGrant(models.Model):
    """A grant of another node: for an agency here, or for one of a node below, whose calls pass through."""

    pk = models.CompositePrimaryKey("owner", "number")
    owner = models.TextField()
    number = models.CharField(max_length=32)
    version = models.IntegerField()
    consumer = models.CharField(max_length=18)
    resource = models.CharField(max_length=64)
    resource_title = models.TextField()
    provider = models.CharField(max_length=18)
    provider_name = models.TextField()
    state = models.TextField()
    doc = models.TextField()
    asking = models.TextField(blank=True)
    reason = models.TextField(blank=True)
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "cascade_grant"


class Held(models.Model):
    """Until when everything of an owner holds here, by this node's clock; counted from before it was asked for."""

    owner = models.TextField(primary_key=True)
    via = models.TextField()
    until = models.DateTimeField()

    class Meta:
        db_table = "cascade_held"


class Compiled(models.Model):
    """What gateways load of the cascade, read by `epoch > last`. `kind` is `peer` or `grant`."""

    id = models.TextField(primary_key=True)
    kind = models.TextField()
    epoch = models.BigIntegerField(db_index=True)
    state = models.TextField()
    doc = models.TextField()

    class Meta:
        db_table = "cascade_compiled"


class KnownHead(models.Model):
    """A tree head of another node, kept for ever: a history that does not contain it is forged."""

    pk = models.CompositePrimaryKey("node", "log", "size")
    node = models.TextField()
    log = models.TextField()
    size = models.BigIntegerField()
    head = models.TextField()
    signature = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "cascade_head"


class Alarm(models.Model):
    """Evidence that does not hold together, found here or told by a peer."""

    node = models.TextField()
    log = models.TextField()
    kind = models.TextField()
    start = models.BigIntegerField(null=True)
    stop = models.BigIntegerField(null=True)
    index = models.BigIntegerField(null=True)
    zh = models.TextField()
    en = models.TextField()
    found_by = models.TextField()
    raised_at = models.DateTimeField()
    mark = models.TextField(unique=True)
    """Node, log, kind and place: one alarm, however often it is found."""

    class Meta:
        db_table = "cascade_alarm"


class Figure(models.Model):
    """A figure of another node on a day."""

    pk = models.CompositePrimaryKey("node", "name", "day")
    node = models.TextField()
    name = models.TextField()
    day = models.DateField()
    value = models.BigIntegerField()

    class Meta:
        db_table = "cascade_figure"


class Dispute(models.Model):
    """A dispute 校核 on a field of a row, at the node that raised it and at the node that owns the data."""

    id = models.CharField(max_length=100, primary_key=True)
    origin = models.TextField()
    owner = models.TextField()
    resource = models.CharField(max_length=64)
    title = models.TextField()
    provider = models.CharField(max_length=18)
    consumer = models.CharField(max_length=18)
    consumer_name = models.TextField()
    grant = models.TextField(blank=True)
    key = models.JSONField()
    field = models.TextField()
    given = models.TextField(blank=True)
    proposed = models.TextField(blank=True)
    reason = models.TextField()
    state = models.TextField()
    answer = models.TextField(blank=True)
    refusal = models.JSONField(default=dict)
    """As in `Asking`."""
    value = models.TextField(blank=True)
    raised_by = models.TextField()
    answered_by = models.TextField(blank=True)
    due_at = models.DateTimeField(null=True)
    due_days = models.IntegerField(default=0)
    escalated_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "cascade_dispute"


class Correction(models.Model):
    """A corrected row as one of its recipients was told of it."""

    id = models.CharField(max_length=120, primary_key=True)
    dispute = models.TextField()
    owner = models.TextField()
    resource = models.CharField(max_length=64)
    title = models.TextField()
    consumer = models.CharField(max_length=18)
    key = models.JSONField()
    field = models.TextField()
    value = models.TextField()
    text = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "cascade_correction"


class Looked(models.Model):
    """Where the next look at one of our own logs begins."""

    log = models.TextField(primary_key=True)
    next = models.BigIntegerField(default=0)

    class Meta:
        db_table = "cascade_looked"


class HeldLeaf(models.Model):
    """A leaf of another node by its hash, as its receipt came with an answer."""

    pk = models.CompositePrimaryKey("node", "log", "index")
    node = models.TextField()
    log = models.TextField()
    index = models.BigIntegerField()
    hash = models.TextField()

    class Meta:
        db_table = "cascade_held_leaf"
