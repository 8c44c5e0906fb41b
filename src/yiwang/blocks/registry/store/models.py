"""Tables of the registry: which systems are applied, what was done to apply them, who holds their roles."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models


class System(models.Model):
    """A declared system as it is in force."""

    id = models.CharField(max_length=48, primary_key=True)
    title = models.JSONField()
    owner = models.CharField(max_length=18)
    """The agency that answers for it, by its 统一社会信用代码."""
    version = models.CharField(max_length=32)
    package = models.JSONField()
    """Compiled, as the registry runs it."""
    snapshot = models.JSONField(default=dict)
    """The files of the package, with which the next release is compared."""
    digest = models.CharField(max_length=64, default="")
    shape = models.JSONField(default=dict)
    """Its tables, views, functions and rights as they were left; what differs later was altered by hand."""
    applied_at = models.DateTimeField()
    applied_by = models.CharField(max_length=100)
    state = models.CharField(max_length=16, default="active")

    class Meta:
        db_table = "registry_system"


class Apply(models.Model):
    """One application of a package: planned, done step by step, finished or undone."""

    system = models.CharField(max_length=48, db_index=True)
    version = models.CharField(max_length=32)
    package = models.JSONField()
    plan = models.JSONField()
    state = models.CharField(max_length=16, default="running", db_index=True)
    """waiting (for a person to apply it), running, done, undone."""
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    by = models.CharField(max_length=100)
    confirmation = models.TextField(blank=True)
    """What was said to a change that narrows."""
    problem = models.TextField(blank=True)

    class Meta:
        db_table = "registry_apply"
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["system"], condition=models.Q(state="running"), name="registry_one_apply_a_system"
            )
        ]


class ApplyStep(models.Model):
    """A step of an application: written before it is done and after, so that a killed one is known."""

    apply = models.ForeignKey(Apply, on_delete=models.CASCADE, related_name="steps")
    position = models.IntegerField()
    phase = models.CharField(max_length=16)
    """expand, backfill, validate, switch."""
    what = models.CharField(max_length=300)
    state = models.CharField(max_length=16, default="waiting")
    cursor = models.TextField(blank=True)
    """How far a backfill has come."""
    done_rows = models.BigIntegerField(default=0)
    total_rows = models.BigIntegerField(default=0)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "registry_apply_step"
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["apply", "position"], name="registry_apply_step_once")
        ]


class Listing(models.Model):
    """What the catalogue and the exchange know of a declared entity."""

    system = models.CharField(max_length=48)
    entity = models.CharField(max_length=48)
    resource = models.CharField(max_length=60)
    """Code of the catalogue entry."""
    mount = models.CharField(max_length=40, blank=True)
    """Number of the mount; empty where nothing of it is shared by interface."""
    digest = models.CharField(max_length=64)
    """Of the entry and the mount as they were last made, so that only what changed is made again."""

    class Meta:
        db_table = "registry_listing"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["system", "entity"], name="registry_listed_once")
        ]


class RoleHolder(models.Model):
    """A person who holds a role of a system, in the agency that they act for."""

    system = models.CharField(max_length=48)
    role = models.CharField(max_length=48)
    user = models.BigIntegerField(db_index=True)
    agency = models.CharField(max_length=18)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    given_by = models.CharField(max_length=100)

    class Meta:
        db_table = "registry_role_holder"


class Serial(models.Model):
    """The last number given out under a pattern: never reused."""

    name = models.CharField(max_length=200, primary_key=True)
    last = models.BigIntegerField(default=0)

    class Meta:
        db_table = "registry_serial"


class Figure(models.Model):
    """An indicator of a system as it is run, and how far its numbers reach."""

    system = models.CharField(max_length=48)
    name = models.CharField(max_length=48)
    position = models.IntegerField()
    definition = models.JSONField()
    known_until = models.DateTimeField(null=True)
    """What was known before is in the numbers; None: not counted yet."""
    counted_at = models.DateTimeField(null=True)
    took_ms = models.IntegerField(default=0)
    periods = models.IntegerField(default=0)
    """Periods that the last run counted."""
    problem = models.TextField(blank=True)
    """Why the last run failed; the numbers are those of the run before."""
    reach = models.JSONField(default=dict)
    """Of a figure over the journal: the tables whose calls are counted, by the code of their resource."""
    cursor = models.JSONField(default=dict)
    """Of a figure over the journal: by log, how many leaves are in the numbers."""

    class Meta:
        db_table = "registry_figure"
        ordering: ClassVar = ["system", "position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["system", "name"], name="registry_figure_once")
        ]


class FigureValue(models.Model):
    """A number: of a period, split by some dimensions or none (the total)."""

    figure = models.ForeignKey(Figure, on_delete=models.CASCADE, related_name="values")
    start = models.DateTimeField()
    dims = models.JSONField()
    value = models.FloatField(null=True)
    counted = models.BigIntegerField()
    """Rows behind it."""
    sums = models.JSONField(null=True)
    """Of a figure over the journal: what the number grows from."""

    class Meta:
        db_table = "registry_figure_value"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["figure", "start", "dims"], name="registry_figure_value_once")
        ]


class Remark(models.Model):
    """What was said about a change: why a belief was corrected or withdrawn, and by whom."""

    system = models.CharField(max_length=48)
    entity = models.CharField(max_length=48)
    record = models.BigIntegerField()
    kind = models.CharField(max_length=16)
    """changed, corrected, withdrawn."""
    by = models.CharField(max_length=150)
    reason = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "registry_remark"
        indexes: ClassVar = [models.Index(fields=["system", "entity", "record"], name="registry_remark_of")]


class Once(models.Model):
    """A form or a call that made a record: sent twice, it makes one."""

    token = models.CharField(max_length=200, primary_key=True)
    """Who sent it, where to, and the mark of the form."""
    body = models.BinaryField(default=b"")
    """Digest of what was asked; empty where the token alone says it."""
    record = models.BigIntegerField()
    at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "registry_once"


class Load(models.Model):
    """A file on its way into a table, step by step: how far it has come, written with the rows of each step."""

    system = models.CharField(max_length=48)
    entity = models.CharField(max_length=48)
    name = models.CharField(max_length=80)
    """Given by whoever loads."""
    user = models.BigIntegerField()
    agency = models.CharField(max_length=18)
    digest = models.CharField(max_length=64)
    """SHA-256 of the file, in hexadecimal digits."""
    stamp = models.CharField(max_length=40)
    """Which application of the system it was begun under."""
    since = models.DateField()
    until = models.DateField(null=True)
    generation = models.IntegerField(null=True)
    """Of the key that its encrypted values are sealed with."""
    made = models.CharField(max_length=63)
    """The table that its steps lie in."""
    steps = models.IntegerField(default=0)
    rows = models.BigIntegerField(default=0)
    """Rows of the file that lie there."""
    state = models.CharField(max_length=8, default="open")
    """open, done. One that was taken back is gone."""
    began_at = models.DateTimeField()
    moved_at = models.DateTimeField()

    class Meta:
        db_table = "registry_load"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["system", "entity", "name"], name="registry_load_once")
        ]


class Read(models.Model):
    """Who read which records, and why; never changed.

    Every opening of a record's page, and every read by another agency than the one that answers for the system, by page,
    interface or export. Seen by these two alone: row-level security. The rows of one person at one moment are one reading.
    """

    system = models.CharField(max_length=48)
    entity = models.CharField(max_length=48)
    records = ArrayField(models.BigIntegerField())
    account = models.BigIntegerField()
    name = models.CharField(max_length=100)
    agency = models.CharField(max_length=18)
    agency_name = models.CharField(max_length=200)
    owner = models.CharField(max_length=18)
    """The agency that answers for the system."""
    purpose = models.CharField(max_length=200, blank=True)
    case = models.CharField(max_length=100, blank=True)
    way = models.CharField(max_length=12)
    fields = models.IntegerField(default=0)
    """How many fields with a value a page showed; 0 of lists and of what left by other ways."""
    uncovered = models.JSONField(default=list)
    """Masked fields whose value was asked for."""
    at = models.DateTimeField()
    event = models.CharField(max_length=40, blank=True)
    """Under which the journal holds the leaf of it, where another agency read."""

    class Meta:
        db_table = "registry_read"
        indexes: ClassVar = [GinIndex(fields=["records"], name="registry_read_records")]
