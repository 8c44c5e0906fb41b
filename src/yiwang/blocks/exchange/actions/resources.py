"""Publishing and withdrawing catalogue entries together with what gateways hold of them."""

from __future__ import annotations

from datetime import datetime

from yiwang.blocks.catalogue import public as catalogue
from yiwang.blocks.exchange.store.acting import as_actor
from yiwang.blocks.exchange.store.compiled import store_resource
from yiwang.blocks.exchange.store.models import Grant, Mount
from yiwang.blocks.exchange.store.news import tell
from yiwang.blocks.exchange.store.sandboxes import store_sandboxes
from yiwang.blocks.identity.public import Actor


@as_actor
def publish_resource(actor: Actor, code: str, now: datetime, note: str = "") -> int:
    """Publish an entry; its mounted service follows in the same transaction. Returns the edition's number.

    Consumers with a grant are told what changed when the change narrows.

    Raises: what `catalogue.publish_resource` raises.
    """
    version = catalogue.publish_resource(actor, code, now, note)
    for mount in Mount.objects.select_related("source").filter(resource=code).exclude(state="withdrawn"):
        store_resource(mount)
    store_sandboxes(code)
    if version > 1:
        narrowing = [c.zh for c in catalogue.difference(actor, code, version - 1, version) if c.narrowing]
        if narrowing:
            _tell_consumers("resource-narrowed", actor, code, now, "".join(narrowing))
    return version


@as_actor
def withdraw_resource(actor: Actor, code: str, reason: str, now: datetime) -> None:
    """Withdraw an entry; its service stops in the same transaction and its consumers are told why.

    Raises: what `catalogue.withdraw_resource` raises.
    """
    catalogue.withdraw_resource(actor, code, reason, now)
    for mount in Mount.objects.select_related("source").filter(resource=code).exclude(state="withdrawn"):
        store_resource(mount)
    store_sandboxes(code)
    _tell_consumers("resource-withdrawn", actor, code, now, reason.strip())


def _tell_consumers(kind: str, actor: Actor, code: str, now: datetime, text: str) -> None:
    title = catalogue.resource(actor, code).title
    consumers = Grant.objects.filter(resource=code, state__in=("active", "suspended")).values_list("consumer")
    for (consumer,) in consumers.distinct():
        tell(
            kind, now, agency=consumer, roles=("data_officer", "approver"), link=f"resource:{code}",
            resource=title, code=code, text=text[:300],
        )  # fmt: skip
