"""The search index: a row for each published entry, and counts over the whole of it."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from yiwang.blocks.catalogue.store.models import Resource


class SearchEntry(models.Model):
    """What a published entry is found by, and narrowed by."""

    resource = models.OneToOneField(
        Resource, on_delete=models.CASCADE, primary_key=True, db_column="code", related_name="+"
    )
    title = models.CharField(max_length=200)
    agency = models.CharField(max_length=18)
    agency_name = models.CharField(max_length=200)
    theme = models.CharField(max_length=1)
    share_type = models.CharField(max_length=16)
    update_cycle = models.CharField(max_length=16)
    grade = models.CharField(max_length=16)
    modes = ArrayField(models.CharField(max_length=16), default=list)
    item_count = models.IntegerField()
    updated_at = models.DateTimeField()
    tsv = SearchVectorField()
    filler = models.TextField(db_default=" " * 2100)
    """Lifts every row above the 2 kB from which documents are kept in the side table (ADR 0090)."""

    class Meta:
        app_label = "catalogue"
        db_table = "catalogue_search"
        indexes: ClassVar = [
            GinIndex(fields=["tsv"], name="catalogue_search_tsv", fastupdate=False),
            models.Index(fields=["title"], name="catalogue_search_title", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["-updated_at", "resource"], name="catalogue_search_newest"),
        ]


class SearchTotal(models.Model):
    """How many published entries have a word and a facet's value, for words too frequent to count while one waits."""

    word = models.CharField(max_length=60)
    facets = models.JSONField()
    total = models.BigIntegerField()
    counted_at = models.DateTimeField()

    class Meta:
        app_label = "catalogue"
        db_table = "catalogue_search_total"
        constraints: ClassVar = [models.UniqueConstraint(fields=["word"], name="catalogue_search_total_once")]
