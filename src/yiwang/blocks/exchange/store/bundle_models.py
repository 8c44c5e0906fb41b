"""Tables of asking for many at once and of answering many: the basket, bundles, kept texts of decisions."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class BasketItem(models.Model):
    """A resource that a person put aside to ask for together with others."""

    user = models.BigIntegerField()
    agency = models.CharField(max_length=18)
    resource = models.CharField(max_length=64)
    fields = models.JSONField(default=list)
    """Items chosen already; empty: the usual ones."""
    added_at = models.DateTimeField()

    class Meta:
        db_table = "exchange_basket_item"
        ordering: ClassVar = ["added_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "agency", "resource"], name="exchange_basket_once")
        ]


class Bundle(models.Model):
    """Requests that were made together for one purpose; each goes its own way from then on."""

    id = models.CharField(max_length=32, primary_key=True)
    consumer = models.CharField(max_length=18, db_index=True)
    consumer_name = models.CharField(max_length=200)
    applicant = models.BigIntegerField()
    applicant_name = models.CharField(max_length=100)
    reason = models.TextField()
    purposes = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "exchange_bundle"
        ordering: ClassVar = ["-created_at", "-id"]


class Phrase(models.Model):
    """A text that an agency keeps for its decisions, with placeholders from a closed list."""

    agency = models.CharField(max_length=18, db_index=True)
    step = models.CharField(max_length=16)
    title = models.CharField(max_length=60)
    text = models.TextField()
    basis = models.CharField(max_length=300, blank=True)
    updated_at = models.DateTimeField()
    updated_by = models.CharField(max_length=100)

    class Meta:
        db_table = "exchange_phrase"
        ordering: ClassVar = ["step", "title"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["agency", "step", "title"], name="exchange_phrase_once")
        ]
