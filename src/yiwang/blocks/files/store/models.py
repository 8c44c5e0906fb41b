"""Tables of file exchange. Gateways write uploads, chunks and deliveries by SQL of their own; pages and the worker by this.

Agencies are identified by their 统一社会信用代码.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from yiwang.blocks.files.domain.keeping import DAYS_AFTER_DELIVERY, DAYS_UNFETCHED, LARGEST_FILE


class Shelf(models.Model):
    """How a resource is exchanged by file: what is taken, and how long it is kept."""

    resource = models.CharField(max_length=64, primary_key=True)
    agency = models.CharField(max_length=18, db_index=True)
    open = models.BooleanField(default=True)
    largest = models.BigIntegerField(default=LARGEST_FILE)
    """Bytes of the largest file."""
    media = models.JSONField(default=list)
    """Media types taken; all where it is empty."""
    after_delivery = models.IntegerField(default=DAYS_AFTER_DELIVERY)
    """Days that a file is kept after its last receiver confirmed it."""
    unfetched = models.IntegerField(default=DAYS_UNFETCHED)
    """Days that it waits for receivers who do not come."""
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=100)

    class Meta:
        db_table = "files_shelf"


class File(models.Model):
    """A file from its announcement on. `uploaded` bytes are on disk: an acknowledged offset is true."""

    id = models.CharField(max_length=32, primary_key=True)
    resource = models.CharField(max_length=64, db_index=True)
    provider = models.CharField(max_length=18, db_index=True)
    client = models.CharField(max_length=100)
    name = models.CharField(max_length=240)
    media = models.CharField(max_length=130)
    length = models.BigIntegerField()
    uploaded = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=8)
    """Hash function of the digests of the file and its chunks: `sm3` or `sha256`."""
    declared = models.CharField(max_length=64, blank=True)
    """SHA-256 of the whole as the sender said beforehand, if they did."""
    mark = models.CharField(max_length=64, blank=True)
    """The sender's own word for the state of the original (its time of change), to resume by."""
    part = models.BooleanField(default=False)
    """A partial upload, that is joined with others and never fetched."""
    digest = models.CharField(max_length=64, blank=True)
    """By its chunks (`vocabulary.manifest.root`)."""
    sha256 = models.CharField(max_length=64, blank=True)
    """Of the whole, for people to compare with what other tools say."""
    state = models.CharField(max_length=16, default="arriving", db_index=True)
    finding = models.CharField(max_length=16, blank=True)
    finding_text = models.CharField(max_length=200, blank=True)
    ended = models.CharField(max_length=20, blank=True)
    told = models.CharField(max_length=16, blank=True)
    """The last state of which sender and receivers were told."""
    check_until = models.DateTimeField(null=True)
    """A gateway is checking it, until then unless it says so anew."""
    created_at = models.DateTimeField(db_index=True)
    expires_at = models.DateTimeField()
    """When an unfinished upload is given up."""
    arrived_at = models.DateTimeField(null=True)
    ready_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "files_file"
        indexes: ClassVar = [models.Index(fields=["resource", "-created_at"], name="files_file_by_resource")]


class Chunk(models.Model):
    """Stored bytes; `refs` places of files refer to them. The row is locked while its bytes are put or removed."""

    digest = models.CharField(max_length=64, primary_key=True)
    hash = models.CharField(max_length=8)
    size = models.IntegerField()
    refs = models.BigIntegerField()

    class Meta:
        db_table = "files_chunk"
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(refs__gte=0), name="files_chunk_refs_not_negative")
        ]
        indexes: ClassVar = [
            models.Index(fields=["digest"], name="files_chunk_unheld", condition=models.Q(refs=0))
        ]


class Part(models.Model):
    """The chunk at a place of a file."""

    file = models.ForeignKey(File, on_delete=models.CASCADE, related_name="parts")
    place = models.IntegerField()
    digest = models.CharField(max_length=64)

    class Meta:
        db_table = "files_part"
        constraints: ClassVar = [models.UniqueConstraint(fields=["file", "place"], name="files_part_once")]


class Delivery(models.Model):
    """What became of a file at one receiver. `evidence` and `receipt` are `<log>/<index>` of leaves."""

    file = models.ForeignKey(File, on_delete=models.CASCADE, related_name="deliveries")
    provider = models.CharField(max_length=18, db_index=True)
    consumer = models.CharField(max_length=18, db_index=True)
    client = models.CharField(max_length=100)
    grant = models.CharField(max_length=32)
    purpose = models.CharField(max_length=1024)
    opened_at = models.DateTimeField()
    sent = models.BigIntegerField(default=0)
    """Bytes that left, repeated ones included."""
    evidence = models.CharField(max_length=80)
    received_at = models.DateTimeField(null=True)
    receipt = models.CharField(max_length=80, blank=True)

    class Meta:
        db_table = "files_delivery"
        ordering: ClassVar = ["opened_at", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["file", "grant"], name="files_delivered_once")
        ]
