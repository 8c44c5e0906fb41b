"""This node, as subscriptions need it: its name, its keys, its clock, its operator's settings."""

from __future__ import annotations

import os
from functools import lru_cache

from django.conf import settings

from yiwang.blocks.subscriptions.domain.cursors import PURPOSE
from yiwang.blocks.subscriptions.domain.keeping import DAYS, MOST_DAYS
from yiwang.dataplane.connectors.hosts import AllowedHosts
from yiwang.vocabulary.crypto import SigningKey, key_provider
from yiwang.vocabulary.webhooks import KEY_PURPOSE
from yiwang.vocabulary.working_days import WorkingCalendar, working_calendar


def node() -> str:
    """Its name."""
    return str(settings.YW_NODE)


def network_zone() -> str:
    """Its network zone."""
    return str(settings.YW_ZONE)


def cursor_key() -> bytes:
    """Seals cursors."""
    return key_provider().sealing_key(PURPOSE)


def signing_key() -> SigningKey:
    """Signs what is sent to webhooks."""
    return key_provider().signing_key(KEY_PURPOSE)


def listed_hosts() -> AllowedHosts:
    """Receivers on inner networks that the operator lets webhooks go to."""
    return AllowedHosts.parse(os.environ.get("YW_WEBHOOK_HOSTS", ""))


def kept_days() -> tuple[int, int]:
    """Days that every event is kept, and days that one waits for a subscriber who does not acknowledge."""
    least = int(os.environ.get("YW_EVENT_DAYS", str(DAYS)))
    return least, max(least, int(os.environ.get("YW_EVENT_MOST_DAYS", str(MOST_DAYS))))


@lru_cache(maxsize=1)
def calendar() -> WorkingCalendar:
    """Working days."""
    return working_calendar()
