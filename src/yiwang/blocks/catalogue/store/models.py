"""Tables of the catalogue. Columns of a resource hold what is published, or the draft of what never was."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class CodeCounter(models.Model):
    """The last sequence number given out under a classification: numbers are never reused."""

    classification = models.CharField(max_length=40, primary_key=True)
    last = models.BigIntegerField(default=0)

    class Meta:
        db_table = "catalogue_code_counter"


class Resource(models.Model):
    """A catalogue entry 信息资源."""

    code = models.CharField(max_length=64, primary_key=True)
    agency = models.CharField(max_length=18, db_index=True)
    agency_name = models.CharField(max_length=200)
    classification = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200, blank=True)
    summary = models.TextField()
    summary_en = models.TextField(blank=True)
    share_type = models.CharField(max_length=16)
    share_condition = models.TextField(blank=True)
    share_basis = models.TextField(blank=True)
    open = models.BooleanField(default=False)
    open_condition = models.TextField(blank=True)
    update_cycle = models.CharField(max_length=16)
    grade = models.CharField(max_length=16)
    state = models.CharField(max_length=16, default="draft", db_index=True)
    version = models.IntegerField(default=0)
    draft = models.JSONField(null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_reason = models.TextField(blank=True)

    class Meta:
        db_table = "catalogue_resource"
        constraints: ClassVar = [
            # the guide: a name is unique in its department
            models.UniqueConstraint(
                fields=["agency", "title"],
                condition=~models.Q(state="withdrawn"),
                name="catalogue_title_once_an_agency",
            )
        ]


class Item(models.Model):
    """A data item 信息项 of a resource."""

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="items")
    position = models.IntegerField()
    wire = models.CharField(max_length=100)
    title = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200, blank=True)
    type = models.CharField(max_length=16)
    length = models.IntegerField(default=0)
    grade = models.CharField(max_length=16)
    subject = models.CharField(max_length=16, null=True)
    check_rule = models.CharField(max_length=16, null=True)
    mask = models.CharField(max_length=32, null=True)
    description = models.TextField(blank=True)

    class Meta:
        db_table = "catalogue_item"
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["resource", "wire"], name="catalogue_wire_once")
        ]


class Version(models.Model):
    """A published edition of a resource, whole, so that any two can be compared later."""

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="versions")
    version = models.IntegerField()
    doc = models.JSONField()
    note = models.TextField(blank=True)
    published_at = models.DateTimeField()
    published_by = models.CharField(max_length=100)

    class Meta:
        db_table = "catalogue_version"
        ordering: ClassVar = ["-version"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["resource", "version"], name="catalogue_version_once")
        ]
