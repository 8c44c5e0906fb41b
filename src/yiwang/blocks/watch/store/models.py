"""Tables of watching: limits of rules, alerts, states of sources, preferences and mails."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Rule(models.Model):
    """What the node's people changed of a rule; a kind without a row keeps its usual limit."""

    kind = models.CharField(max_length=40, primary_key=True)
    enabled = models.BooleanField(default=True)
    limit = models.IntegerField()
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=100)

    class Meta:
        db_table = "watch_rule"


class Alert(models.Model):
    """Something that a rule found, from the first time until it was gone. Row-level security shows it to its people."""

    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=64)
    agency = models.CharField(max_length=18, blank=True)
    roles = ArrayField(models.TextField())
    link = models.CharField(max_length=300, blank=True)
    params = models.JSONField(default=dict)
    state = models.CharField(max_length=16, default="open")
    opened_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.CharField(max_length=100, blank=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "watch_alert"
        ordering: ClassVar = ["-opened_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "subject", "agency"],
                condition=~models.Q(state="closed"),
                name="watch_alert_once",
            )
        ]


class SourceState(models.Model):
    """A source in one state from one moment until another. `eye` is who saw it: `check` or `gateway`."""

    source = models.CharField(max_length=32)
    agency = models.CharField(max_length=18)
    eye = models.CharField(max_length=16)
    state = models.CharField(max_length=16)
    code = models.CharField(max_length=64, blank=True)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        db_table = "watch_source_state"
        ordering: ClassVar = ["-since", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["source", "eye"],
                condition=models.Q(until__isnull=True),
                name="watch_source_state_once",
            )
        ]


class Preference(models.Model):
    """How a person is told by mail, and the last notice that was mailed or gathered for them."""

    user = models.BigIntegerField(primary_key=True)
    username = models.CharField(max_length=40)
    address = models.CharField(max_length=254, blank=True)
    language = models.CharField(max_length=10, default="zh-hans")
    hows = models.JSONField(default=dict)
    last_notice = models.BigIntegerField(default=0)
    last_digest = models.BigIntegerField(default=0)
    digest_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "watch_preference"


class Mail(models.Model):
    """A mail that waits, was sent, or was given up. It holds titles and links only."""

    user = models.BigIntegerField()
    address = models.CharField(max_length=254)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    unsubscribe = models.CharField(max_length=500)
    state = models.CharField(max_length=16, default="waiting")
    tries = models.IntegerField(default=0)
    fault = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()
    next_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "watch_mail"
        ordering: ClassVar = ["-created_at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["next_at"], condition=models.Q(state="waiting"), name="watch_mail_waiting")
        ]
