"""Tables of the standards registry: elements and lists of this node by version. National ones come with the product."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Standard(models.Model):
    """What elements and lists have: a version and where it comes from."""

    version = models.IntegerField()
    state = models.CharField(max_length=16, default="draft", db_index=True)
    standard = models.CharField(max_length=100, blank=True)
    edition = models.CharField(max_length=100, blank=True)
    source = models.CharField(max_length=300, blank=True)
    verified = models.BooleanField(default=False)
    note = models.TextField(blank=True)
    successor = models.CharField(max_length=40, blank=True)
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=100)
    in_force_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class Element(Standard):
    """A data element in one version."""

    number = models.CharField(max_length=40)
    name = models.CharField(max_length=100)
    name_en = models.CharField(max_length=200, blank=True)
    definition = models.TextField()
    type = models.CharField(max_length=16)
    format = models.CharField(max_length=40, blank=True)
    longest = models.IntegerField(default=0)
    pattern = models.CharField(max_length=300, blank=True)
    check_rule = models.CharField(max_length=16, blank=True)
    code_list = models.CharField(max_length=40, blank=True)
    unit = models.CharField(max_length=40, blank=True)

    class Meta:
        db_table = "standards_element"
        ordering: ClassVar = ["number", "-version"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["number", "version"], name="standards_element_once"),
            models.UniqueConstraint(
                fields=["number"], condition=models.Q(state="in_force"), name="standards_element_in_force"
            ),
            models.UniqueConstraint(
                fields=["number"], condition=models.Q(state="draft"), name="standards_element_draft"
            ),
        ]


class CodeList(Standard):
    """A code list in one version."""

    list_id = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    codes = models.JSONField()

    class Meta:
        db_table = "standards_code_list"
        ordering: ClassVar = ["list_id", "-version"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["list_id", "version"], name="standards_list_once"),
            models.UniqueConstraint(
                fields=["list_id"], condition=models.Q(state="in_force"), name="standards_list_in_force"
            ),
            models.UniqueConstraint(
                fields=["list_id"], condition=models.Q(state="draft"), name="standards_list_draft"
            ),
        ]
