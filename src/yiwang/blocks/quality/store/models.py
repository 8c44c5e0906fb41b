"""Tables of quality: what is watched with its rules and how it stands, runs, tickets with their story.

Agencies are identified by their 统一社会信用代码. No row holds a value that was judged.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Watched(models.Model):
    """A mounted resource: its rules, when they are run, and what the last run that reached it found."""

    resource = models.CharField(max_length=64, primary_key=True)
    title = models.CharField(max_length=200)
    agency = models.CharField(max_length=18, db_index=True)
    agency_name = models.CharField(max_length=200)
    active = models.BooleanField(default=True)
    """False once it is no longer connected."""
    entries = models.JSONField(default=list)
    origin = models.CharField(max_length=16, default="proposed")
    cadence = models.CharField(max_length=8, default="daily")
    timeout_s = models.IntegerField(default=60)
    revision = models.IntegerField(default=0)
    changed_at = models.DateTimeField(null=True)
    changed_by = models.CharField(max_length=100, blank=True)
    next_at = models.DateTimeField(null=True, db_index=True)
    running_since = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=64, blank=True)
    """Code of the error that the last run met; empty when it went through."""
    run = models.BigIntegerField(null=True)
    measured_at = models.DateTimeField(null=True)
    rows = models.BigIntegerField(default=0)
    score = models.FloatField(null=True)
    level = models.SmallIntegerField(null=True)
    coverage = models.FloatField(default=0)
    dimensions = models.JSONField(default=dict)

    class Meta:
        db_table = "quality_watched"


class Run(models.Model):
    """One pass over a resource's rows, or the attempt at one."""

    resource = models.CharField(max_length=64)
    agency = models.CharField(max_length=18)
    at = models.DateTimeField()
    cause = models.CharField(max_length=16)
    by = models.CharField(max_length=100, blank=True)
    problem = models.CharField(max_length=64, blank=True)
    took_ms = models.IntegerField(default=0)
    revision = models.IntegerField(default=0)
    """Of the rules that were run."""
    rows = models.BigIntegerField(default=0)
    score = models.FloatField(null=True)
    level = models.SmallIntegerField(null=True)
    coverage = models.FloatField(default=0)
    dimensions = models.JSONField(default=dict)
    blocked = models.JSONField(default=list)
    results = models.JSONField(default=list)

    class Meta:
        db_table = "quality_run"
        indexes: ClassVar = [models.Index(fields=["resource", "-at"], name="quality_run_latest")]


class Ticket(models.Model):
    """A finding with whoever mends it: at most one for a resource, a rule and a source unit."""

    id = models.CharField(max_length=32, primary_key=True)
    resource = models.CharField(max_length=64, db_index=True)
    resource_title = models.CharField(max_length=200)
    provider = models.CharField(max_length=18, db_index=True)
    provider_name = models.CharField(max_length=200)
    unit = models.CharField(max_length=100, blank=True)
    """Who mends as the rule names them; empty: the provider."""
    agency = models.CharField(max_length=18, blank=True, db_index=True)
    agency_name = models.CharField(max_length=200, blank=True)
    region = models.CharField(max_length=12, blank=True)
    rule = models.CharField(max_length=200)
    finding = models.JSONField()
    """The rule's result in the last run that looked at it."""
    state = models.CharField(max_length=16, default="new", db_index=True)
    revision = models.IntegerField(default=0)
    relapses = models.IntegerField(default=0)
    first_failed = models.BigIntegerField(default=0)
    """Rows that broke the rule when the ticket was opened, or opened again."""
    opened_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    clock_from = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True, db_index=True)
    due_days = models.IntegerField(default=0)
    due_certain = models.BooleanField(default=True)
    escalated_at = models.DateTimeField(null=True)
    exempt_until = models.DateField(null=True)
    asked_until = models.DateField(null=True)
    asked_reason = models.TextField(blank=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "quality_ticket"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["resource", "rule", "unit"], name="quality_ticket_once")
        ]


class Step(models.Model):
    """One step in the life of a ticket. Rows are only ever added."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="steps")
    revision = models.IntegerField()
    step = models.CharField(max_length=32)
    at = models.DateTimeField()
    person = models.CharField(max_length=100, blank=True)
    agency = models.CharField(max_length=18, blank=True)
    agency_name = models.CharField(max_length=200, blank=True)
    text = models.TextField(blank=True)

    class Meta:
        db_table = "quality_step"
        ordering: ClassVar = ["revision"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["ticket", "revision"], name="quality_step_once")
        ]
