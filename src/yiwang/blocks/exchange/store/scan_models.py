"""Tables of the census on pages: scans with what they propose, which table entries stand on and how it drifted."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from yiwang.blocks.exchange.store.models import Source


class Scan(models.Model):
    """One look into a source or an uploaded file. What is kept of it holds no value of the data (`yiwang-census/1`).

    The bytes of an uploaded file stay until the scan ends, however it ends, and no longer.
    """

    id = models.CharField(max_length=32, primary_key=True)
    agency = models.CharField(max_length=18, db_index=True)
    agency_name = models.CharField(max_length=200)
    source = models.ForeignKey(Source, on_delete=models.SET_NULL, null=True, related_name="scans")
    place = models.CharField(max_length=200)
    """Name of the source, or of the file."""
    content = models.BinaryField(null=True)
    state = models.CharField(max_length=16, default="waiting", db_index=True)
    cancelling = models.BooleanField(default=False)
    tables = models.TextField(blank=True)
    """Patterns of the tables to look at, one a line; empty: all."""
    rate = models.IntegerField(default=50)
    done = models.IntegerField(default=0)
    total = models.IntegerField(default=0)
    at_table = models.CharField(max_length=300, blank=True)
    attempts = models.IntegerField(default=0)
    beat_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    by_username = models.CharField(max_length=150)
    by_name = models.CharField(max_length=100)
    finished_at = models.DateTimeField(null=True)
    problem = models.JSONField(default=dict)
    """Of a failed scan: `code`, `zh`, `en`, `mend_zh`, `mend_en`."""
    candidates = models.JSONField(default=list)
    remarks = models.JSONField(default=list)

    class Meta:
        db_table = "exchange_scan"


class ScanTable(models.Model):
    """A table that a scan looked at: the proposal as the census made it, and what the officer made of that."""

    scan = models.ForeignKey(Scan, on_delete=models.CASCADE, related_name="looked_at")
    position = models.IntegerField()
    table = models.CharField(max_length=300)
    title = models.CharField(max_length=300)
    """As proposed, like the numbers below: so that a list of ten thousand tables reads no proposal."""
    columns = models.IntegerField()
    marked = models.IntegerField()
    lists = models.IntegerField()
    proposal = models.JSONField()
    holdings = models.JSONField(default=list)
    """Data it holds by what they are, to find what several departments keep 一数一源."""
    choice = models.JSONField(default=dict)
    entry = models.CharField(max_length=64, blank=True)
    """The entry that describes the table, made from it or there before."""

    class Meta:
        db_table = "exchange_scan_table"
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["scan", "position"], name="exchange_scan_table_once")
        ]


class Survey(models.Model):
    """Which table an entry describes, and what its columns were when the officer last agreed."""

    resource = models.CharField(max_length=64, primary_key=True)
    agency = models.CharField(max_length=18, db_index=True)
    source = models.ForeignKey(Source, on_delete=models.CASCADE, null=True, related_name="surveys")
    place = models.CharField(max_length=200)
    table = models.CharField(max_length=300)
    held = models.JSONField()
    drift = models.JSONField(default=list)
    """What the last scan found against the published entry; empty when it fits."""
    now = models.JSONField(null=True)
    """The table as the last scan saw it, where it drifted."""
    scan = models.CharField(max_length=32, blank=True)
    found_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "exchange_survey"
