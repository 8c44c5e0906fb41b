"""The generations of the node's sealing keys; the keys themselves lie with the key provider."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Generation(models.Model):
    """A generation of the key of a purpose; the largest seals."""

    purpose = models.CharField(max_length=24)
    generation = models.IntegerField()
    begun_at = models.DateTimeField(null=True)
    """None of the first, which nobody begins."""
    begun_by = models.CharField(max_length=100, blank=True)
    closed_at = models.DateTimeField(null=True)
    """Since when nothing more is sealed by it, whatever a process remembers."""
    retired_at = models.DateTimeField(null=True)
    """When its key was destroyed."""

    class Meta:
        db_table = "sealing_generation"
        ordering: ClassVar = ["purpose", "generation"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["purpose", "generation"], name="sealing_generation_once")
        ]
