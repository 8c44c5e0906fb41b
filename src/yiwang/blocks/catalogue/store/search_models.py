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
    facts = models.BigIntegerField()
    """What it is narrowed by: `domain/searching/facts.py`."""
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


class SearchProvider(models.Model):
    """The number of an agency under one of its names. Rows never change, so that they may be held in memory."""

    number = models.AutoField(primary_key=True)
    agency = models.CharField(max_length=18)
    name = models.CharField(max_length=200)

    class Meta:
        app_label = "catalogue"
        db_table = "catalogue_search_provider"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["agency", "name"], name="catalogue_search_provider_once")
        ]


class SearchTotal(models.Model):
    """How many published entries have a word, for words too frequent to count while one waits. "" is every entry.

    Both lists are JSON, pairs of a number and how many have it: `codes` of everything but the provider together,
    `providers` of each provider's number.
    """

    word = models.CharField(max_length=60)
    codes = models.TextField()
    providers = models.TextField()
    total = models.BigIntegerField()
    counted_at = models.DateTimeField()

    class Meta:
        app_label = "catalogue"
        db_table = "catalogue_search_total"
        constraints: ClassVar = [models.UniqueConstraint(fields=["word"], name="catalogue_search_total_once")]


class SearchChange(models.Model):
    """An entry that came into the index (step 1) or left it (-1) since the counts of words were kept."""

    id = models.BigAutoField(primary_key=True)
    code = models.CharField(max_length=64)
    facts = models.BigIntegerField()
    step = models.SmallIntegerField()
    words = ArrayField(models.TextField())
    """Those of its words whose counts are kept."""

    class Meta:
        app_label = "catalogue"
        db_table = "catalogue_search_change"
        indexes: ClassVar = [GinIndex(fields=["words"], name="catalogue_search_change_words")]
