"""Webhooks: a batch of events is claimed, signed, sent and, when the receiver took it, acknowledged.

A batch is sent by one worker at a time and the next one follows the last, so that the events of a key arrive in
order. A worker that dies lets its claim run out: the batch is sent again under the same ids.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import SplitResult

import msgspec
from django.db.models import F, Q

from yiwang.blocks.catalogue.public import resources_by_code
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.public import SYSTEM
from yiwang.blocks.identity.public import acting
from yiwang.blocks.journal.public import record_event
from yiwang.blocks.subscriptions.domain.addresses import hook_address, shown_address
from yiwang.blocks.subscriptions.domain.errors import GrantUnfit, HookFailed, SubscriptionError
from yiwang.blocks.subscriptions.domain.keeping import PERSONAL_PAGE
from yiwang.blocks.subscriptions.domain.retrying import (
    BATCH,
    DEAD_AFTER,
    SECONDS,
    again_at,
    batch_size,
    is_taken,
    is_unwanted,
)
from yiwang.blocks.subscriptions.domain.standing import standing
from yiwang.blocks.subscriptions.store import here
from yiwang.blocks.subscriptions.store.models import Hook, Subscription
from yiwang.blocks.subscriptions.store.pages import page_of, reader_of
from yiwang.dataplane.connectors.errors import ConnectorError
from yiwang.dataplane.connectors.web import WebFault, post
from yiwang.vocabulary.envelope import Purpose
from yiwang.vocabulary.webhooks import signed_headers

_log = logging.getLogger(__name__)
_encode: Final = msgspec.json.Encoder().encode
CLAIM: Final = timedelta(seconds=60)
"""How long a batch is its worker's; longer than a receiver has for it."""
WAITS: Final = timedelta(seconds=30)
AT_ONCE: Final = 200

Post = Callable[[SplitResult, str, Mapping[str, str], bytes], int]
"""Sends a body to a URL at a pinned address; gives the status. Raises: WebFault."""


@dataclass(frozen=True, repr=False)
class _Batch:
    """What is on its way. `upto`: acknowledged when it is taken."""

    subscription: str
    claim: str
    url: str
    body: bytes
    delivery: str
    upto: int
    test: bool
    facts: dict[str, str] = field(default_factory=dict)


def http_post(url: SplitResult, pinned: str, headers: Mapping[str, str], body: bytes) -> int:
    """Over HTTPS, in bounded time, without redirects. Raises: WebFault."""
    return asyncio.run(post(url, pinned, headers, body, seconds=SECONDS))


def due_hooks(now: datetime, *, failing: bool) -> list[str]:
    """Subscriptions whose webhook has something to send, those that fail apart from those that do not."""
    with acting(SYSTEM):
        rows = Hook.objects.filter(due_at__lte=now, subscription__state="active").exclude(
            state="unwanted", test_at=None
        )
        rows = rows.filter(
            Q(test_at__isnull=False)
            | Q(subscription__feed__last__gt=F("subscription__acked"))
            | Q(subscription__lost=True)
        )
        rows = rows.filter(failures__gt=0) if failing else rows.filter(failures=0)
        return list(rows.order_by("due_at").values_list("pk", flat=True)[:AT_ONCE])


def send(
    subscription: str, clock: Callable[[], datetime], chance: Callable[[], float], post: Post = http_post
) -> bool:
    """Send one batch of a subscription; gives whether it was taken. What goes wrong is kept with the webhook."""
    batch = _claimed(subscription, clock())
    if batch is None:
        return False
    error: SubscriptionError | ConnectorError | None = None
    status: int | None = None
    try:
        status = _posted(batch, clock(), post)
        if not is_taken(status):
            error = HookFailed(reason_zh=f"应答 HTTP {status}", reason_en=f"it answered HTTP {status}")
    except WebFault as fault:
        error = HookFailed(reason_zh=f"没有应答（{fault}）", reason_en=f"no answer ({fault})")
    except (ConnectorError, SubscriptionError) as found:
        error = found
    if error is not None:
        _log.info("webhook of %s at %s: %s", subscription, shown_address(batch.url), error.code)
    return _settled(batch, status, error, clock(), chance())


def _posted(batch: _Batch, now: datetime, post: Post) -> int:
    """Raises: WebFault, ConnectorError, HookAddressWrong."""
    listed = here.listed_hosts()
    parts = hook_address(batch.url, plain=True)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    pinned = listed.pin(host, port) if parts.scheme == "http" else listed.pin_public(host, port)
    headers = signed_headers(
        here.signing_key(), batch.url, batch.body, node=here.node(), subscription=batch.subscription,
        delivery=batch.delivery, created=int(now.timestamp()),
    )  # fmt: skip
    return post(parts, pinned, headers, batch.body)


def _claimed(subscription: str, now: datetime) -> _Batch | None:
    """The next batch, with its evidence; nothing where the grant, the source or another worker has it otherwise."""
    with acting(SYSTEM):
        hook = (
            Hook.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("subscription__feed")
            .filter(pk=subscription, due_at__lte=now)
            .first()
        )
        if hook is None or hook.subscription.state != "active":
            return None
        row, claim = hook.subscription, secrets.token_hex(8)
        hook.claim, hook.due_at = claim, now + CLAIM
        if hook.test_at is not None:
            body = _encode(
                {"subscription": row.pk, "resource": row.feed_id, "test": True, "cursor": "", "events": []}
            )
            hook.save(update_fields=["claim", "due_at"])
            return _Batch(
                row.pk, claim, hook.url, body, f"{row.pk}-test-{secrets.token_hex(4)}", 0, test=True
            )
        granted = exchange.granted_now([row.grant], held=True).get(row.grant)
        mounted = exchange.mounted_now(row.feed_id)
        purpose = Purpose.parse(row.purpose)
        stands = standing(
            granted.grant if granted else None, granted.state if granted else "", purpose.ground,
            now.astimezone(exchange.zone()), here.network_zone(), here.calendar().is_workday,
        )  # fmt: skip
        if stands != "open" or granted is None or mounted is None or mounted.state != "active":
            hook.due_at = now + WAITS
            hook.save(update_fields=["due_at"])
            return None
        try:
            reader = reader_of(row, granted, mounted)
        except GrantUnfit as error:
            hook.due_at, hook.error_code, hook.error_facts = now + WAITS, error.code, error.facts
            hook.save(update_fields=["due_at", "error_code", "error_facts"])
            return None
        most = min(batch_size(hook.failures), PERSONAL_PAGE if reader.view.personal else BATCH)
        page = page_of(row, reader, most)
        if not page.events:  # nothing that it may see
            row.acked = max(row.acked, page.last)
            row.sent = max(row.sent, row.acked)
            row.save(update_fields=["acked", "sent"])
            hook.due_at = now
            hook.save(update_fields=["due_at"])
            return None
        body = _encode(
            {
                "subscription": row.pk, "resource": row.feed_id, "grant": row.grant, "cursor": reader.cursor(page.last),
                "events": page.events,
            }
        )  # fmt: skip
        delivery = f"{row.feed.tag}-{page.first}-{page.last}"
        row.sent, row.sent_at = max(row.sent, page.last), now
        row.evidence = record_event(
            "events-sent", now, consumer=row.consumer, provider=row.provider, client=row.client, resource=row.feed_id,
            version=mounted.resource.version, grant=row.grant, grant_version=granted.grant.version,
            purpose=row.purpose, detail={
                "subscription": row.pk, "delivery": delivery, "events": len(page.events), "first": page.first,
                "last": page.last, "to": shown_address(hook.url), "sha256": hashlib.sha256(body).hexdigest(),
            },
        )  # fmt: skip
        row.save(update_fields=["sent", "sent_at", "evidence"])
        hook.save(update_fields=["claim", "due_at"])
    return _Batch(row.pk, claim, hook.url, body, delivery, page.last, test=False)


def _settled(
    batch: _Batch, status: int | None, error: SubscriptionError | ConnectorError | None, now: datetime, chance: float
) -> bool:  # fmt: skip
    with acting(SYSTEM):
        hook = (
            Hook.objects.select_for_update(of=("self",))
            .select_related("subscription__feed")
            .filter(pk=batch.subscription, claim=batch.claim)
            .first()
        )
        if hook is None:  # its claim ran out, or its address was changed meanwhile
            return False
        row = hook.subscription
        hook.claim, hook.last_at, hook.last_status = "", now, status
        hook.error_code, hook.error_facts = ("", {}) if error is None else (error.code, error.facts)
        if batch.test:
            hook.test_at, hook.tested_at, hook.due_at = None, now, now
            if error is None:
                hook.failures, hook.told, hook.state = 0, False, "active"
        elif error is None:
            hook.failures, hook.told, hook.due_at = 0, False, now
            if Subscription.objects.filter(pk=row.pk, acked__lt=batch.upto).update(
                acked=batch.upto, acked_at=now, lost=False
            ) or Subscription.objects.filter(pk=row.pk, acked=batch.upto, lost=True).update(
                lost=False, acked_at=now
            ):
                record_event(
                    "events-taken", now, consumer=row.consumer, provider=row.provider, client=row.client,
                    resource=row.feed_id, grant=row.grant, purpose=row.purpose,
                    detail={"subscription": row.pk, "delivery": batch.delivery, "last": batch.upto},
                )  # fmt: skip
        else:
            hook.failures += 1
            hook.due_at = again_at(now, hook.failures, chance)
            _tell(hook, row, now, unwanted=status is not None and is_unwanted(status))
        hook.save()
    return error is None


def _tell(hook: Hook, row: Subscription, now: datetime, *, unwanted: bool) -> None:
    """Tell people once that a receiver wants no more, or seems to be dead."""
    if unwanted:
        hook.state = "unwanted"
    if hook.told or (not unwanted and hook.failures < DEAD_AFTER):
        return
    hook.told = True
    entry = resources_by_code({row.feed_id}).get(row.feed_id)
    exchange.tell(
        "subscription-unwanted" if unwanted else "subscription-receiver-dead", now, agency=row.consumer,
        roles=exchange.OFFICERS, link=f"subscription:{row.pk}", resource=entry.title if entry else row.feed_id,
        code=row.feed_id,
    )  # fmt: skip
