"""Forms that were begun: what stands in them, kept for the person who writes."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class KeptForm(models.Model):
    """What a person has written into one form so far, as it stands, right or wrong."""

    user = models.BigIntegerField()
    agency = models.CharField(max_length=18)
    subject = models.CharField(max_length=80)
    """`resource:<code>` for a new request, `request:<number>` for one that exists, `basket`."""
    values = models.JSONField()
    """By name of the field, the list of its values."""
    revision = models.IntegerField(default=1)
    """Grows by one with each saving, so that a second window is told."""
    seen = models.IntegerField(null=True)
    """The revision of the request that the form was opened on; null for what is not yet a request."""
    saved_at = models.DateTimeField()
    window = models.CharField(max_length=32, default="", blank=True)
    """The page that saved last, by the name that its script gave itself; empty where there was no script."""
    turn = models.IntegerField(default=0)
    """How many times that page had sent the form."""

    class Meta:
        db_table = "exchange_kept_form"
        ordering: ClassVar = ["-saved_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "agency", "subject"], name="exchange_kept_form_once")
        ]
