"""What people do with subscriptions. Each step one transaction, as its actor."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.public import SYSTEM, as_actor
from yiwang.blocks.identity.public import DATA_OFFICER, Actor, NotAllowed, acting, clients_of_agency
from yiwang.blocks.journal.public import record_event
from yiwang.blocks.subscriptions.actions.keeping import end, tell
from yiwang.blocks.subscriptions.domain.addresses import hook_address, shown_address
from yiwang.blocks.subscriptions.domain.cursors import cursor
from yiwang.blocks.subscriptions.domain.errors import (
    BadAsk,
    ClientUnfit,
    EventsGone,
    GrantUnfit,
    SubscriptionStateWrong,
)
from yiwang.blocks.subscriptions.domain.projecting import View
from yiwang.blocks.subscriptions.store.here import cursor_key, kept_days, listed_hosts
from yiwang.blocks.subscriptions.store.models import Event, Feed, Hook, Subscription
from yiwang.blocks.subscriptions.store.reach import check_officer, own
from yiwang.dataplane.connectors.errors import ConnectorError


@as_actor
def subscribe(actor: Actor, grant_id: str, client: str, purpose: str, now: datetime) -> str:
    """Follow the changes of a grant's resource for one application; the same again gives the same. Returns its number.

    Raises: NotAllowed, GrantUnknown, GrantUnfit, ClientUnfit.
    """
    check_officer(actor)
    view = exchange.grant(actor, grant_id, now)
    if view.consumer != actor.agency:
        raise exchange.GrantUnknown(grant=grant_id)
    with acting(SYSTEM):
        granted = exchange.granted_now([grant_id]).get(grant_id)
        mounted = exchange.mounted_now(view.resource)
    if (
        granted is None
        or granted.state != "active"
        or mounted is None
        or now.timestamp() >= granted.grant.not_after
    ):
        raise GrantUnfit(
            grant=grant_id, reason_zh="授权或资源现在不可用", reason_en="it or its resource is not in force"
        )
    View(granted.grant, mounted.resource)
    if purpose.partition(";")[0] not in granted.grant.purposes or (
        granted.grant.case_required and ";case=" not in purpose
    ):
        raise GrantUnfit(
            grant=grant_id, reason_zh="用途不在授权内", reason_en="the purpose is not among those granted"
        )
    if client not in clients_of_agency(actor.agency):
        raise ClientUnfit(client=client[:60])
    found = Subscription.objects.exclude(state="ended").filter(grant=grant_id, client=client).first()
    if found is not None:
        return found.pk
    with acting(SYSTEM):
        Feed.objects.get_or_create(
            resource=view.resource, defaults={"provider": view.provider, "created_at": now}
        )
        feed = Feed.objects.select_for_update().get(pk=view.resource)
        Feed.objects.filter(pk=feed.pk).update(due_at=now)
    row = Subscription.objects.create(
        id=f"sub-{secrets.token_hex(10)}", feed_id=feed.pk, grant=grant_id, provider=view.provider,
        consumer=view.consumer, client=client, purpose=purpose, acked=feed.last, sent=feed.last, created_at=now,
        created_by=actor.name,
    )  # fmt: skip
    _event("made", row, now)
    with acting(SYSTEM):
        tell("subscription-made", row, now, to=("provider",), consumer=view.consumer_name)
    return row.pk


@as_actor
def pause(actor: Actor, subscription: str, now: datetime) -> None:
    """Give out nothing until it is resumed; events wait. Raises: SubscriptionUnknown, NotAllowed, SubscriptionStateWrong."""
    row = _in_state(actor, subscription, "active")
    row.state, row.reason = "paused", "person"
    row.save(update_fields=["state", "reason"])
    _event("paused", row, now)


@as_actor
def resume(actor: Actor, subscription: str, now: datetime) -> None:
    """Go on where it stood; where events went meanwhile, it says so first.

    Raises: SubscriptionUnknown, NotAllowed, SubscriptionStateWrong.
    """
    row = _in_state(actor, subscription, "paused")
    row.state, row.reason = "active", ""
    with acting(SYSTEM):
        floor = Feed.objects.values_list("floor", flat=True).get(pk=row.feed_id)
    if row.acked < floor:
        row.acked, row.sent, row.lost = floor, max(row.sent, floor), True
    row.acked_at = now
    row.save(update_fields=["state", "reason", "acked", "sent", "lost", "acked_at"])
    Hook.objects.filter(pk=row.pk).update(due_at=now, failures=0, told=False, claim="")
    _event("resumed", row, now)


@as_actor
def replay(actor: Actor, subscription: str, since: datetime, now: datetime) -> int:
    """Give out again what was recorded since a moment; gives how many positions it went back.

    Raises: SubscriptionUnknown, NotAllowed, SubscriptionStateWrong, EventsGone.
    """
    row = _in_state(actor, subscription, "active", "paused")
    with acting(SYSTEM):
        feed = Feed.objects.get(pk=row.feed_id)
        first = Event.objects.filter(feed=feed, recorded_at__gte=since).order_by("position")
        position = first.values_list("position", flat=True).first()
    # younger ones are all there; of older ones nobody knows how many went
    if feed.floor > 0 and position in (None, feed.floor + 1) and since < now - timedelta(days=kept_days()[0]):
        raise EventsGone(subscription=row.pk, earliest=cursor(cursor_key(), row.pk, feed.floor))
    target = feed.last if position is None else position - 1
    back = max(0, row.acked - target)
    row.acked, row.lost = min(row.acked, target), False
    row.save(update_fields=["acked", "lost"])
    Hook.objects.filter(pk=row.pk).update(due_at=now, claim="")
    _event("replayed", row, now)
    return back


@as_actor
def end_subscription(actor: Actor, subscription: str, now: datetime) -> None:
    """End it for good. Raises: SubscriptionUnknown, NotAllowed, SubscriptionStateWrong."""
    end(_in_state(actor, subscription, "active", "paused"), "person", now)


@as_actor
def set_hook(actor: Actor, subscription: str, url: str, now: datetime) -> None:
    """Have events sent to an address. Raises: SubscriptionUnknown, NotAllowed, SubscriptionStateWrong, HookAddressWrong, ConnectorError."""
    row = _in_state(actor, subscription, "active", "paused")
    check_address(url)
    Hook.objects.update_or_create(
        subscription=row,
        defaults={
            "url": url, "state": "active", "failures": 0, "told": False, "due_at": now, "claim": "", "error_code": "",
            "error_facts": {}, "last_status": None, "last_at": None, "test_at": None, "tested_at": None,
        },
        create_defaults={"url": url, "due_at": now, "created_at": now},
    )  # fmt: skip
    _event("hooked", row, now, to=shown_address(url))


@as_actor
def drop_hook(actor: Actor, subscription: str, now: datetime) -> None:
    """Send nothing more; events are fetched from then on. Raises: SubscriptionUnknown, NotAllowed."""
    row = own(actor, subscription)
    Hook.objects.filter(pk=row.pk).delete()
    _event("unhooked", row, now)


@as_actor
def try_hook(actor: Actor, subscription: str, now: datetime, *, test: bool) -> None:
    """Send at once: an empty test delivery, or what waits. Raises: SubscriptionUnknown, NotAllowed, SubscriptionStateWrong."""
    row = _in_state(actor, subscription, "active")
    if not Hook.objects.filter(pk=row.pk).exists():
        raise SubscriptionStateWrong(subscription=row.pk, state="—")
    changed: dict[str, object] = (
        {"due_at": now, "test_at": now} if test else {"due_at": now, "state": "active"}
    )
    Hook.objects.filter(pk=row.pk).update(**changed)


@as_actor
def choose_way(actor: Actor, resource: str, wish: str, field: str, now: datetime) -> None:
    """How changes of a resource of the actor's agency are found: `auto`, `compare`, or `cursor` by a field that only grows.

    Raises: NotAllowed, ResourceUnknown, BadAsk.
    """
    entry = exchange.resource_entry(actor, resource, now)
    check_officer(actor)
    if entry.resource.provider != actor.agency:
        raise NotAllowed(roles=[DATA_OFFICER])
    names = {item.wire for item in entry.resource.items}
    if wish not in ("auto", "compare", "cursor") or (wish == "cursor" and field not in names):
        raise BadAsk(field="way", expected="auto / compare / cursor")
    Feed.objects.get_or_create(resource=resource, defaults={"provider": actor.agency, "created_at": now})
    Feed.objects.filter(pk=resource).update(
        wish=wish, cursor_field=field if wish == "cursor" else "", due_at=now, try_log_at=None
    )


def check_address(url: str) -> None:
    """Refuse an address before anything is sent to it; it is looked up again whenever something is.

    Raises: HookAddressWrong, ConnectorError.
    """
    parts = hook_address(url, plain=True)
    listed = listed_hosts()
    port = parts.port or (443 if parts.scheme == "https" else 80)
    if parts.scheme == "https":
        listed.pin_public(parts.hostname or "", port)
        return
    try:
        listed.pin(parts.hostname or "", port)
    except ConnectorError:
        hook_address(url)  # an inner host that nobody listed is told as what it is: not https
        raise


def _in_state(actor: Actor, subscription: str, *states: str) -> Subscription:
    row = own(actor, subscription)
    if row.state not in states:
        raise SubscriptionStateWrong(subscription=row.pk, state=row.state)
    return row


def _event(step: str, row: Subscription, now: datetime, **detail: str) -> None:
    record_event(
        f"subscription-{step}", now, consumer=row.consumer, provider=row.provider, client=row.client,
        resource=row.feed_id, grant=row.grant, purpose=row.purpose, detail={"subscription": row.pk, **detail},
    )  # fmt: skip
