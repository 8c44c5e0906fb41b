"""Sandboxes and old clients at the edge, and what gateways read of them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Sandbox(models.Model):
    """A sandbox of one agency for one entry."""

    id = models.CharField(max_length=32, primary_key=True)
    resource = models.CharField(max_length=64, db_index=True)
    consumer = models.CharField(max_length=18, db_index=True)
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=100)

    class Meta:
        db_table = "exchange_sandbox"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["resource", "consumer"], name="exchange_sandbox_once")
        ]


class CompiledSandboxRow(models.Model):
    """A sandbox as gateways read it, when a call comes."""

    id = models.TextField(primary_key=True)
    consumer = models.TextField()
    resource = models.TextField()
    state = models.TextField()
    doc = models.TextField()

    class Meta:
        db_table = "exchange_compiled_sandbox"
        indexes: ClassVar = [
            models.Index(fields=["consumer", "resource"], name="exchange_compiled_sandbox_by")
        ]


class Edge(models.Model):
    """An old client let in at the edge. Secret and key are sealed and never shown again."""

    id = models.CharField(max_length=32, primary_key=True)
    dialect = models.CharField(max_length=16)
    requester = models.CharField(max_length=128)
    consumer = models.CharField(max_length=18, db_index=True)
    consumer_name = models.CharField(max_length=200)
    client = models.CharField(max_length=60)
    sealed_secret = models.TextField()
    sealed_key = models.TextField()
    addresses = models.JSONField()
    sunset_at = models.DateTimeField()
    services = models.JSONField()
    state = models.CharField(max_length=16, default="active")
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=100)
    changed_at = models.DateTimeField()
    ended_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "exchange_edge"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["dialect", "requester"], condition=models.Q(state="active"), name="exchange_edge_once"
            )
        ]


class CompiledEdgeRow(models.Model):
    """An old client as gateways read it, when a call comes. Of ended ones the latest stays, to say so."""

    id = models.TextField(primary_key=True)
    dialect = models.TextField()
    requester = models.TextField()
    state = models.TextField()
    doc = models.TextField()

    class Meta:
        db_table = "exchange_compiled_edge"
        indexes: ClassVar = [models.Index(fields=["dialect", "requester"], name="exchange_compiled_edge_by")]
