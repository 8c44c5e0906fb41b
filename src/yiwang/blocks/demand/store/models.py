"""Tables of demand: needs, the holders they were routed to, who to call, and the ledger.

Agencies are identified by their 统一社会信用代码. Names beside it are those at the time of writing.
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Need(models.Model):
    """A need 需求. `askers` are the agencies that want it, `holders` those it was routed to; both see everything but
    what is another holder's. `statement` is the need as it was filled, without the contact.
    """

    id = models.CharField(max_length=32, primary_key=True)
    title = models.CharField(max_length=100)
    agency = models.CharField(max_length=18, db_index=True)
    agency_name = models.CharField(max_length=200)
    region = models.CharField(max_length=12, blank=True)
    author = models.BigIntegerField()
    author_name = models.CharField(max_length=100)
    state = models.CharField(max_length=16, default="draft", db_index=True)
    why = models.CharField(max_length=16, blank=True)
    revision = models.IntegerField(default=0)
    statement = models.JSONField()
    words = ArrayField(models.CharField(max_length=100), default=list)
    askers = ArrayField(models.CharField(max_length=18), default=list)
    holders = ArrayField(models.CharField(max_length=18), default=list)
    best = models.CharField(max_length=64, blank=True)
    best_title = models.CharField(max_length=200, blank=True)
    best_agency = models.CharField(max_length=18, blank=True)
    best_agency_name = models.CharField(max_length=200, blank=True)
    best_score = models.IntegerField(default=0)
    resources = ArrayField(models.CharField(max_length=64), default=list)
    answer = models.TextField(blank=True)
    answer_basis = models.TextField(blank=True)
    clock = models.CharField(max_length=16, blank=True)
    clock_from = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True, db_index=True)
    due_days = models.IntegerField(default=0)
    due_certain = models.BooleanField(default=True)
    escalated_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "demand_need"


class Contact(models.Model):
    """Who to call about a need: for its parties and the data bureau alone."""

    need = models.OneToOneField(Need, on_delete=models.CASCADE, primary_key=True, related_name="contact")
    post = models.CharField(max_length=100, blank=True)
    phone = models.CharField(max_length=40, blank=True)

    class Meta:
        db_table = "demand_contact"


class Candidate(models.Model):
    """An agency that the need was routed to, why, and what it answered."""

    need = models.ForeignKey(Need, on_delete=models.CASCADE, related_name="candidates")
    agency = models.CharField(max_length=18)
    agency_name = models.CharField(max_length=200)
    place = models.IntegerField(default=0)
    match = models.JSONField(default=dict)
    answer = models.CharField(max_length=16, blank=True)
    text = models.TextField(blank=True)
    basis = models.TextField(blank=True)
    hint = models.CharField(max_length=18, blank=True)
    resource = models.CharField(max_length=64, blank=True, db_index=True)
    promised_on = models.DateField(null=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "demand_candidate"
        ordering: ClassVar = ["place", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["need", "agency"], name="demand_candidate_once")
        ]


class Step(models.Model):
    """One step in the life of a need. Rows are only ever added."""

    need = models.ForeignKey(Need, on_delete=models.CASCADE, related_name="steps")
    revision = models.IntegerField()
    step = models.CharField(max_length=32)
    at = models.DateTimeField()
    person = models.CharField(max_length=100, blank=True)
    agency = models.CharField(max_length=18, blank=True)
    agency_name = models.CharField(max_length=200, blank=True)
    text = models.TextField(blank=True)
    basis = models.TextField(blank=True)

    class Meta:
        db_table = "demand_step"
        ordering: ClassVar = ["revision"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["need", "revision"], name="demand_step_once")
        ]
