"""Tables of the registry: which systems are applied, what was done to apply them, who holds their roles."""

from __future__ import annotations

from typing import ClassVar

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


class Sealing(models.Model):
    """A generation of the key of encrypted fields, begun by a rotation; the largest seals."""

    generation = models.IntegerField(primary_key=True)
    begun_at = models.DateTimeField()
    begun_by = models.CharField(max_length=100)
    done_at = models.DateTimeField(null=True)
    """When the last value of older generations was sealed anew."""

    class Meta:
        db_table = "registry_sealing"


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

    class Meta:
        db_table = "registry_figure_value"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["figure", "start", "dims"], name="registry_figure_value_once")
        ]
