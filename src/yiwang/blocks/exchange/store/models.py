"""Tables of exchange: sources, mounts, requests with their ledger, grants, compiled documents, notices.

Agencies are identified by their 统一社会信用代码. Names beside it are those at the time of writing.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Number(models.Model):
    """The last number given out for a kind (`G`, `R`, `S`, `M`) in a year."""

    kind = models.CharField(max_length=4)
    year = models.IntegerField()
    last = models.BigIntegerField(default=0)

    class Meta:
        db_table = "exchange_number"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "year"], name="exchange_number_once")
        ]


class Source(models.Model):
    """An external database of an agency. The password is sealed and never shown again."""

    id = models.CharField(max_length=32, primary_key=True)
    agency = models.CharField(max_length=18, db_index=True)
    agency_name = models.CharField(max_length=200)
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=16, default="postgresql")
    host = models.CharField(max_length=255)
    port = models.IntegerField(default=5432)
    database = models.CharField(max_length=128)
    user = models.CharField(max_length=128)
    sealed_password = models.TextField()
    connect_timeout_ms = models.IntegerField(default=3000)
    timeout_ms = models.IntegerField(default=3000)
    pool_size = models.IntegerField(default=4)
    writable_accepted = models.BooleanField(default=False)
    state = models.CharField(max_length=16, default="active")
    encoding = models.CharField(max_length=32, blank=True)
    server_version = models.CharField(max_length=64, blank=True)
    warnings = models.JSONField(default=list)
    checked_at = models.DateTimeField(null=True)
    check_code = models.CharField(max_length=64, blank=True)
    check_facts = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=100)

    class Meta:
        db_table = "exchange_source"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["agency", "name"], name="exchange_source_name_once")
        ]


class Mount(models.Model):
    """A resource mounted 挂接 on one table or view of a source. At most one in force for a resource."""

    id = models.CharField(max_length=32, primary_key=True)
    resource = models.CharField(max_length=64, db_index=True)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="mounts")
    agency = models.CharField(max_length=18, db_index=True)
    schema = models.CharField(max_length=128)
    relation = models.CharField(max_length=128)
    key = models.JSONField(default=list)
    key_declared = models.BooleanField(default=False)
    columns = models.JSONField()
    modes = models.JSONField()
    disclosure = models.CharField(max_length=16, default="immediate")
    disclosure_basis = models.TextField(blank=True)
    state = models.CharField(max_length=16, default="active")
    drift = models.JSONField(default=list)
    checked_at = models.DateTimeField(null=True)
    writes = models.BigIntegerField(null=True)
    """Rows written to the table as its server counted them at the last look; null where it does not tell."""
    watched_at = models.DateTimeField(null=True)
    """Since when they are compared."""
    changed_at = models.DateTimeField(null=True)
    """The look that found the last change."""
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=100)
    ended_at = models.DateTimeField(null=True)
    ended_reason = models.TextField(blank=True)

    class Meta:
        db_table = "exchange_mount"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["resource"], condition=~models.Q(state="withdrawn"), name="exchange_mounted_once"
            )
        ]


class Request(models.Model):
    """A request for use 使用申请. `revision` grows by one with every step, so that a stale page is told."""

    id = models.CharField(max_length=32, primary_key=True)
    resource = models.CharField(max_length=64, db_index=True)
    resource_title = models.CharField(max_length=200)
    resource_version = models.IntegerField()
    share_type = models.CharField(max_length=16)
    provider = models.CharField(max_length=18, db_index=True)
    provider_name = models.CharField(max_length=200)
    provider_region = models.CharField(max_length=12, blank=True)
    consumer = models.CharField(max_length=18, db_index=True)
    consumer_name = models.CharField(max_length=200)
    applicant = models.BigIntegerField()
    applicant_name = models.CharField(max_length=100)
    state = models.CharField(max_length=16, default="draft", db_index=True)
    revision = models.IntegerField(default=0)
    terms = models.JSONField()
    reason = models.TextField(blank=True)
    renews = models.CharField(max_length=32, null=True)
    bundle = models.CharField(max_length=32, blank=True, db_index=True)
    """The bundle it was asked for in, where there was one."""
    deadline_rule = models.CharField(max_length=64, blank=True)
    deadline_from = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True, db_index=True)
    due_days = models.IntegerField(default=0)
    due_certain = models.BooleanField(default=True)
    extended = models.BooleanField(default=False)
    reminded_at = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True)
    answer_basis = models.TextField(blank=True)
    grant = models.CharField(max_length=32, null=True)
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "exchange_request"


class Step(models.Model):
    """One step in the life of a request: the ledger that the pages draw. Rows are only ever added."""

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="steps")
    revision = models.IntegerField()
    step = models.CharField(max_length=32)
    state = models.CharField(max_length=16)
    at = models.DateTimeField()
    person = models.CharField(max_length=100, blank=True)
    agency = models.CharField(max_length=18, blank=True)
    agency_name = models.CharField(max_length=200, blank=True)
    text = models.TextField(blank=True)
    basis = models.TextField(blank=True)

    class Meta:
        db_table = "exchange_step"
        ordering: ClassVar = ["revision"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["request", "revision"], name="exchange_step_once")
        ]


class Grant(models.Model):
    """An authorisation 授权: what was decided, never edited; only its state changes, each change a version."""

    id = models.CharField(max_length=32, primary_key=True)
    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="grants")
    resource = models.CharField(max_length=64, db_index=True)
    resource_title = models.CharField(max_length=200)
    provider = models.CharField(max_length=18, db_index=True)
    provider_name = models.CharField(max_length=200)
    consumer = models.CharField(max_length=18, db_index=True)
    consumer_name = models.CharField(max_length=200)
    version = models.IntegerField(default=1)
    state = models.CharField(max_length=16, default="active", db_index=True)
    terms = models.JSONField()
    not_before = models.DateTimeField()
    not_after = models.DateTimeField(db_index=True)
    reason = models.TextField(blank=True)
    ended_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=100)

    class Meta:
        db_table = "exchange_grant"


class GrantStep(models.Model):
    """One change of a grant: issued, suspended, resumed, revoked, expired."""

    grant = models.ForeignKey(Grant, on_delete=models.CASCADE, related_name="steps")
    version = models.IntegerField()
    step = models.CharField(max_length=32)
    at = models.DateTimeField()
    person = models.CharField(max_length=100, blank=True)
    agency = models.CharField(max_length=18, blank=True)
    text = models.TextField(blank=True)

    class Meta:
        db_table = "exchange_grant_step"
        ordering: ClassVar = ["version"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["grant", "version"], name="exchange_grant_step_once")
        ]


class Compiled(models.Model):
    """What gateways load: read by `epoch > last`, compared again when evidence is stored."""

    id = models.TextField(primary_key=True)
    epoch = models.BigIntegerField(db_index=True)
    state = models.TextField()
    doc = models.TextField()

    class Meta:
        abstract = True


class CompiledGrantRow(Compiled):
    """A grant, compiled."""

    class Meta:
        db_table = "exchange_compiled_grant"


class CompiledResourceRow(Compiled):
    """A mounted resource, compiled; `id` is the resource code."""

    class Meta:
        db_table = "exchange_compiled_resource"


class Notice(models.Model):
    """News for an agency's people with one of `roles`, or for one user. Text is made by the pages from `kind`."""

    kind = models.CharField(max_length=40)
    agency = models.CharField(max_length=18, blank=True, db_index=True)
    roles = models.JSONField(default=list)
    user = models.BigIntegerField(null=True, db_index=True)
    params = models.JSONField(default=dict)
    link = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "exchange_notice"
        ordering: ClassVar = ["-created_at", "-id"]


class NoticeRead(models.Model):
    """Who has read a notice."""

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="readings")
    user = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        db_table = "exchange_notice_read"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["notice", "user"], name="exchange_notice_read_once")
        ]
