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
    share_condition_en = models.TextField(blank=True)
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
    format_class = models.CharField(max_length=16, blank=True)
    format_type = models.CharField(max_length=100, blank=True)
    share_channel = models.CharField(max_length=16, blank=True)
    share_ways = models.JSONField(default=list)
    lead_department = models.CharField(max_length=200, blank=True)
    related = models.JSONField(default=list)
    released_on = models.CharField(max_length=10, blank=True)
    duty = models.TextField(blank=True)
    office = models.CharField(max_length=200, blank=True)
    volumes = models.JSONField(default=dict)
    level = models.CharField(max_length=16, blank=True, db_index=True)
    revision = models.IntegerField(default=0)
    """Counts every write, so that an editor who started from an older text is told."""
    edited_by = models.CharField(max_length=100, blank=True)
    stage = models.CharField(max_length=16, blank=True, db_index=True)
    """Where the text that is not public stands on its way: "" (being written), review, secrecy, approved."""
    authors = models.JSONField(default=list)
    """Accounts that wrote the text that is not public; none of them reviews it."""
    submitted_by = models.BigIntegerField(null=True)
    reviewed_by = models.BigIntegerField(null=True)
    quality = models.SmallIntegerField(default=0)
    """Level of the rows' quality, 1 to 5, as whoever judges them told last; 0: not measured."""
    effective_from = models.DateTimeField(null=True)
    """An approved narrowing change is published no earlier: its grantees were told."""

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
    level = models.CharField(max_length=16, blank=True)
    element = models.CharField(max_length=100, blank=True)

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


class Class(models.Model):
    """A 类 or 项 of the classification: data of the node, edited by the data bureau."""

    code = models.CharField(max_length=3, primary_key=True)
    name_zh = models.CharField(max_length=100)
    name_en = models.CharField(max_length=100, blank=True)
    retired = models.BooleanField(default=False)

    class Meta:
        db_table = "catalogue_class"
        ordering: ClassVar = ["code"]


class Policy(models.Model):
    """How this node publishes: one row."""

    review_required = models.BooleanField(default=False)
    notice_days = models.IntegerField(default=5)
    """Days between telling the grantees of a narrowing change and its publication."""

    class Meta:
        db_table = "catalogue_policy"


class Step(models.Model):
    """A step of an entry's text on its way to publication: who, when, what was said."""

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=16)
    at = models.DateTimeField()
    by = models.BigIntegerField()
    by_name = models.CharField(max_length=100)
    note = models.TextField(blank=True)

    class Meta:
        db_table = "catalogue_step"
        ordering: ClassVar = ["id"]


class Upload(models.Model):
    """A spreadsheet between its preview and the word to take it in; forgotten after a day."""

    id = models.CharField(max_length=32, primary_key=True)
    agency = models.CharField(max_length=18)
    by = models.BigIntegerField()
    name = models.CharField(max_length=200)
    content = models.BinaryField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "catalogue_upload"


class Origin(models.Model):
    """Which entry of another catalogue an entry follows."""

    feed = models.CharField(max_length=100)
    external = models.CharField(max_length=200)
    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="origins")
    seen_at = models.DateTimeField()

    class Meta:
        db_table = "catalogue_origin"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["feed", "external"], name="catalogue_origin_once")
        ]
