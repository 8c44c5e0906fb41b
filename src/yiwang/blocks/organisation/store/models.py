"""Tables of the organisation block: regions, agencies, posts, people and who holds which post when."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q


class Region(models.Model):
    """An administrative division; the primary key is its code in the shortest usual form."""

    code = models.CharField(max_length=12, primary_key=True)
    name_zh = models.CharField(max_length=80)
    name_en = models.CharField(max_length=120)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    level = models.PositiveSmallIntegerField()

    class Meta:
        db_table = "organisation_region"
        ordering: ClassVar[list[str]] = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.name_zh}"


class Boundary(models.Model):
    """The boundary of a division, for drawing: rings of degrees as an operator loaded them."""

    code = models.CharField(max_length=12, primary_key=True)
    rings = models.JSONField()
    source = models.CharField(max_length=200)
    review = models.CharField(max_length=60, blank=True, default="")
    """Review number 审图号 of the map it comes from."""
    loaded_at = models.DateTimeField()

    class Meta:
        db_table = "organisation_boundary"
        ordering: ClassVar[list[str]] = ["code"]

    def __str__(self) -> str:
        return self.code


class Agency(models.Model):
    """A government agency; the primary key is its 统一社会信用代码, as in all evidence."""

    uscc = models.CharField(max_length=18, primary_key=True)
    slug = models.SlugField(max_length=40, unique=True)
    name_zh = models.CharField(max_length=120)
    name_en = models.CharField(max_length=160)
    short_zh = models.CharField(max_length=20)
    short_en = models.CharField(max_length=60)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="agencies")
    line = models.CharField(max_length=40)
    active = models.BooleanField(default=True)

    class Meta:
        db_table = "organisation_agency"
        ordering: ClassVar[list[str]] = ["region_id", "slug"]

    def __str__(self) -> str:
        return self.name_zh


class Post(models.Model):
    """A post 岗位 in an agency, whoever holds it."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="posts")
    name_zh = models.CharField(max_length=60)
    name_en = models.CharField(max_length=100)

    class Meta:
        db_table = "organisation_post"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["agency", "name_zh"], name="organisation_post_once")
        ]

    def __str__(self) -> str:
        return self.name_zh


class Person(models.Model):
    """A person who works for an agency. No identity document is kept here: the staff number tells people apart."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="people")
    name = models.CharField(max_length=60)
    staff_number = models.CharField(max_length=40, blank=True, default="")

    class Meta:
        db_table = "organisation_person"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["agency", "staff_number"],
                condition=~Q(staff_number=""),
                name="organisation_person_staff_number_once",
            )
        ]

    def __str__(self) -> str:
        return f"person {self.pk}"


class Appointment(models.Model):
    """A person in a post from one day until another (the last day included; none: until further notice)."""

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="appointments")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="appointments")
    since = models.DateField()
    until = models.DateField(null=True, blank=True)

    class Meta:
        db_table = "organisation_appointment"
        ordering: ClassVar[list[str]] = ["-since", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")),
                name="organisation_appointment_period",
            )
        ]

    def __str__(self) -> str:
        return f"appointment {self.pk}"
