"""Tables of subscriptions. Gateways read events and move acknowledgements by SQL of their own; the rest is written by this.

Agencies are identified by their 统一社会信用代码.
"""

from __future__ import annotations

import secrets
from typing import ClassVar

from django.db import models


def new_tag() -> str:
    """A short name that no other feed ever has: events of a feed that is made anew have other ids."""
    return secrets.token_hex(6)


class Feed(models.Model):
    """Changes of one resource, for all of its subscribers. One slot at the source, one counter of positions."""

    resource = models.CharField(max_length=64, primary_key=True)
    tag = models.CharField(max_length=12, unique=True, default=new_tag)
    provider = models.CharField(max_length=18, db_index=True)
    state = models.CharField(max_length=16, default="new")
    """`new` until its rows were read once, then `live`."""
    wish = models.CharField(max_length=16, default="auto")
    """How the provider wants changes found: `auto`, `compare` or `cursor`."""
    cursor_field = models.CharField(max_length=100, blank=True, default="")
    cursor_value = models.TextField(blank=True, default="")
    way = models.CharField(max_length=16, blank=True, default="")
    """How they are found: `log`, `compare` or `cursor`."""
    why = models.CharField(max_length=64, blank=True, default="")
    """Code of the error that keeps them from being captured from the log."""
    why_facts = models.JSONField(default=dict)
    fields = models.JSONField(default=list)
    version = models.IntegerField(default=0)
    table = models.CharField(max_length=130, blank=True, default="")
    slot = models.CharField(max_length=63, blank=True, default="")
    lsn = models.BigIntegerField(default=0)
    snapshot = models.TextField(blank=True, default="")
    last = models.BigIntegerField(default=0)
    """Position of the last event."""
    floor = models.BigIntegerField(default=0)
    """Events up to here are kept no longer."""
    turn = models.BigIntegerField(default=0)
    due_at = models.DateTimeField(null=True, db_index=True)
    try_log_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    failures = models.IntegerField(default=0)
    error_code = models.CharField(max_length=64, blank=True, default="")
    error_facts = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "subscriptions_feed"


class Row(models.Model):
    """A row of a followed resource as it was last seen: what a change is compared with."""

    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, db_index=False)
    key = models.TextField()
    values = models.JSONField()

    class Meta:
        db_table = "subscriptions_row"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["feed", "key"], name="subscriptions_row_once")
        ]


class Event(models.Model):
    """A change of one row, before it is narrowed to a grant."""

    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, db_index=False)
    position = models.BigIntegerField()
    op = models.CharField(max_length=8)
    key = models.TextField()
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    reason = models.CharField(max_length=20, blank=True, default="")
    version = models.IntegerField()
    sourced_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "subscriptions_event"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["feed", "position"], name="subscriptions_event_once")
        ]
        indexes: ClassVar = [models.Index(fields=["feed", "recorded_at"], name="subscriptions_event_age")]


class Subscription(models.Model):
    """What one application follows under one grant, and how far it has come."""

    id = models.CharField(max_length=32, primary_key=True)
    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="subscriptions")
    grant = models.CharField(max_length=32, db_index=True)
    provider = models.CharField(max_length=18, db_index=True)
    consumer = models.CharField(max_length=18, db_index=True)
    client = models.CharField(max_length=100)
    purpose = models.CharField(max_length=1024)
    state = models.CharField(max_length=16, default="active", db_index=True)
    """`active`, `paused` or `ended`."""
    reason = models.CharField(max_length=20, blank=True, default="")
    """Why it is paused: `person`, `unacknowledged`; why it ended: `person`, `grant`."""
    acked = models.BigIntegerField()
    sent = models.BigIntegerField()
    lost = models.BooleanField(default=False)
    """Events went before it acknowledged them: it is told by a `resync`."""
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=100)
    acked_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    evidence = models.CharField(max_length=80, blank=True, default="")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "subscriptions_subscription"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["grant", "client"], condition=~models.Q(state="ended"), name="subscriptions_once"
            )
        ]


class Hook(models.Model):
    """Where the events of a subscription are sent, and how that goes."""

    subscription = models.OneToOneField(Subscription, on_delete=models.CASCADE, primary_key=True)
    url = models.CharField(max_length=500)
    state = models.CharField(max_length=16, default="active")
    """`active`; `unwanted` where the receiver answered 410."""
    failures = models.IntegerField(default=0)
    told = models.BooleanField(default=False)
    """Its people know that the receiver counts as dead."""
    due_at = models.DateTimeField(db_index=True)
    claim = models.CharField(max_length=32, blank=True, default="")
    last_at = models.DateTimeField(null=True)
    last_status = models.IntegerField(null=True)
    error_code = models.CharField(max_length=64, blank=True, default="")
    error_facts = models.JSONField(default=dict)
    test_at = models.DateTimeField(null=True)
    tested_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "subscriptions_hook"
