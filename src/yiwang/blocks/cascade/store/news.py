"""Tables of what nodes tell each other beside requests: needs passed up, receipts, and data that is given back."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Need(models.Model):
    """A need 需求 that its city's bureau passed up; at the node that stated it and at those above. `id`: NODE-NEED."""

    id = models.CharField(max_length=100, primary_key=True)
    origin = models.TextField(db_index=True)
    need = models.CharField(max_length=64)
    """Its number at the origin."""
    title = models.TextField()
    agency = models.CharField(max_length=18)
    agency_name = models.TextField()
    text = models.TextField()
    items = models.JSONField()
    state = models.TextField()
    """`open`, `met` or `declined`."""
    answer = models.TextField(blank=True)
    resource = models.CharField(max_length=64, blank=True)
    """The code at the answering node."""
    answered_at_node = models.TextField(blank=True)
    answered_by = models.TextField(blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "cascade_need"


class Receipt(models.Model):
    """A receipt 回执: what a consumer's node received under a grant in a day; at that node and at the owner."""

    pk = models.CompositePrimaryKey("owner", "node", "grant", "day", "mode")
    owner = models.TextField()
    node = models.TextField()
    grant = models.CharField(max_length=32)
    day = models.DateField()
    mode = models.TextField()
    """`api`, `table` or `file`."""
    resource = models.CharField(max_length=64)
    provider = models.CharField(max_length=18)
    consumer = models.CharField(max_length=18)
    times = models.BigIntegerField()
    rows = models.BigIntegerField()
    delivered_times = models.BigIntegerField(null=True)
    """What the owner's own journal holds for the same day; only at the owner."""
    delivered_rows = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "cascade_receipt"


class Return(models.Model):
    """Data given back 回流: a node below may ask for the rows of its own division; at the owner and at that node."""

    pk = models.CompositePrimaryKey("owner", "resource", "node")
    owner = models.TextField()
    resource = models.CharField(max_length=64)
    node = models.TextField()
    title = models.TextField()
    provider = models.CharField(max_length=18)
    provider_name = models.TextField()
    field = models.TextField()
    """The item that holds the division code."""
    division = models.CharField(max_length=12)
    """The first digits that a row's division has to have: `2901` for a city, `29` for a province."""
    state = models.TextField()
    """`offered` or `ended`."""
    offered_by = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "cascade_return"


class TableRun(models.Model):
    """At the owner: the run of a node below or above that has a period of a grant of whole tables. Gateways write it."""

    pk = models.CompositePrimaryKey("grant", "period")
    grant = models.CharField(max_length=32)
    period = models.CharField(max_length=40)
    """The frequency and what of it, such as `["daily", 2026, 11, 29]`."""
    run = models.CharField(max_length=32)
    way = models.CharField(max_length=16)
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "cascade_table_run"
        indexes: ClassVar = [models.Index(fields=["grant", "run"], name="cascade_table_run_by_run")]
