"""Tables of delivery: targets of consumers, jobs, their runs, rows in quarantine.

Agencies are identified by their 统一社会信用代码. A row in quarantine is sealed; of a run no value of the data is kept.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Target(models.Model):
    """A database of a consumer that jobs write to. The password is sealed and never shown again."""

    id = models.CharField(max_length=32, primary_key=True)
    agency = models.CharField(max_length=18, db_index=True)
    agency_name = models.CharField(max_length=200)
    name = models.CharField(max_length=100)
    server = models.CharField(max_length=16)
    host = models.CharField(max_length=255)
    port = models.IntegerField()
    database = models.CharField(max_length=128)
    user = models.CharField(max_length=128)
    sealed_password = models.TextField()
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=100)

    class Meta:
        db_table = "delivery_target"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["agency", "name"], name="delivery_target_name_once")
        ]


class Job(models.Model):
    """A table job under a grant. The engine's cursor is not here but in the target, where it commits with the rows."""

    id = models.CharField(max_length=32, primary_key=True)
    name = models.CharField(max_length=100)
    grant = models.CharField(max_length=32, db_index=True)
    owner = models.CharField(max_length=64, blank=True)
    """The node that gave the grant, where it is another one; `resource` is then CODE@NODE."""
    resource = models.CharField(max_length=140, db_index=True)
    resource_title = models.CharField(max_length=200)
    provider = models.CharField(max_length=18, db_index=True)
    provider_name = models.CharField(max_length=200)
    consumer = models.CharField(max_length=18, db_index=True)
    consumer_name = models.CharField(max_length=200)
    region = models.CharField(max_length=12, blank=True)
    """The consumer's, whose working days count."""
    target = models.ForeignKey(Target, on_delete=models.PROTECT, related_name="jobs")
    target_table = models.CharField(max_length=200)
    mode = models.CharField(max_length=16)
    cursor = models.CharField(max_length=128, blank=True)
    replace = models.BooleanField(default=False)
    rules = models.JSONField(default=list)
    own_rules = models.BooleanField(default=False)
    """The rules are the consumer's own; else those of the resource as they are at each run, where `checked`."""
    checked = models.BooleanField(default=False)
    cron = models.CharField(max_length=100, blank=True)
    workdays = models.BooleanField(default=False)
    follow = models.BooleanField(default=False)
    """Without a clock: a run that captures changes is followed by the next one."""
    priority = models.SmallIntegerField(default=5)
    rate = models.IntegerField(default=0)
    case = models.CharField(max_length=100, blank=True)
    """Number of the case that the rows are needed for; empty where the grant asks for none."""
    state = models.CharField(max_length=16, default="active", db_index=True)
    reason = models.CharField(max_length=64, blank=True)
    """Why it is paused or failed: `person`, `schema`, or the code of an error."""
    facts = models.JSONField(default=dict)
    """Facts of that error, for its words."""
    accept_schema = models.BooleanField(default=False)
    failures = models.IntegerField(default=0)
    next_at = models.DateTimeField(null=True, db_index=True)
    delivered_at = models.DateTimeField(null=True)
    """Beginning of the last run that went through."""
    held = models.IntegerField(default=0)
    """Rows in quarantine that wait for somebody."""
    slot = models.CharField(max_length=63, blank=True)
    """The one name of its slot and publication, of a job that captures changes."""
    slot_source = models.CharField(max_length=32, blank=True)
    """The source at which they may stand; known before they are made, empty once they are gone."""
    spool_key = models.TextField(blank=True)
    """Seals the changes that wait on the node's disk; itself sealed, and gone with the slot."""
    releasing = models.BooleanField(default=False)
    """They are to go, although the job may run again."""
    beyond = models.JSONField(default=dict)
    """Of a table of another node: the name of the run that its owner knows, and a report that it has not confirmed yet."""
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=100)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "delivery_job"


class Run(models.Model):
    """One execution of a job, or one replay of its quarantine; it stays one run when a crash cuts it in two."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="runs")
    kind = models.CharField(max_length=8, default="run")
    cause = models.CharField(max_length=8)
    by = models.CharField(max_length=100, blank=True)
    state = models.CharField(max_length=16, default="queued", db_index=True)
    wish = models.CharField(max_length=8, blank=True)
    queued_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    attempts = models.IntegerField(default=0)
    seen_at = models.DateTimeField(null=True)
    chunk = models.IntegerField(default=0)
    rows = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True)
    rate = models.FloatField(default=0)
    left = models.FloatField(null=True)
    lag = models.BigIntegerField(null=True)
    """Bytes of the source's log that are not in the target yet, of a run that captures changes."""
    error = models.CharField(max_length=64, blank=True)
    facts = models.JSONField(default=dict)
    report = models.JSONField(null=True)
    digest = models.CharField(max_length=64, blank=True)
    """SHA-256 of the report's canonical text; it stands in the evidence."""
    evidence = models.CharField(max_length=40, blank=True)
    """The event under which its leaf is found."""

    class Meta:
        db_table = "delivery_run"
        indexes: ClassVar = [models.Index(fields=["job", "-id"], name="delivery_run_latest")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["job"], condition=models.Q(state__in=("queued", "running")), name="delivery_run_one"
            )
        ]


class HeldRow(models.Model):
    """A row that may not pass, sealed: key, names, values as found and as mended."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="held_rows")
    mark = models.CharField(max_length=64)
    """Keyed digest of the row's key."""
    same = models.CharField(max_length=64)
    """Keyed digest of the row as it was found."""
    sealed = models.BinaryField()
    reasons = models.JSONField(default=list)
    state = models.CharField(max_length=16, default="held")
    run = models.IntegerField(default=0)
    """The engine's run that met it last."""
    at = models.DateTimeField()
    by = models.CharField(max_length=100, blank=True)
    text = models.TextField(blank=True)
    """Why it was discarded."""

    class Meta:
        db_table = "delivery_held_row"
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["job", "mark"], name="delivery_held_once")]
