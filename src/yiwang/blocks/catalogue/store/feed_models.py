"""Catalogues of other systems that entries follow, as the operator set them up."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Feed(models.Model):
    """Another catalogue: a JSON address, or a folder of the node into which spreadsheets are dropped."""

    name = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=8)
    """`url` or `folder`."""
    url = models.CharField(max_length=500, blank=True)
    agency = models.CharField(max_length=18, db_index=True)
    agency_name = models.CharField(max_length=200)
    officer = models.CharField(max_length=150)
    """Username of the data officer in whose name entries are taken in."""
    hours = models.IntegerField(default=24)
    """Hours between two runs."""
    active = models.BooleanField(default=True)
    due_at = models.DateTimeField()
    ran_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=8, blank=True)
    """Of the last run: `done`, `partly` (some files wrong), `failed`; "" before the first."""
    created = models.IntegerField(default=0)
    changed = models.IntegerField(default=0)
    unchanged = models.IntegerField(default=0)
    problems = models.JSONField(default=list)

    class Meta:
        db_table = "catalogue_feed"
        ordering: ClassVar = ["name"]
