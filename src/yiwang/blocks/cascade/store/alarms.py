"""Raising an alarm once: written, told to the people who watch, left in evidence, and told to the node concerned."""

from __future__ import annotations

from datetime import datetime

from yiwang.blocks.cascade.domain.bodies import AlarmBody
from yiwang.blocks.cascade.domain.errors import NodeUnknown
from yiwang.blocks.cascade.store.here import node
from yiwang.blocks.cascade.store.models import Alarm
from yiwang.blocks.cascade.store.outgoing import tell
from yiwang.blocks.exchange.public import tell as notify
from yiwang.blocks.journal.public import record_event

WATCHERS = ("operator", "auditor", "audit_admin")


def raise_alarm(
    of: str,
    log: str,
    kind: str,
    now: datetime,
    *,
    zh: str,
    en: str,
    start: int | None = None,
    stop: int | None = None,
    index: int | None = None,
    mark: str = "",
    found_by: str = "",
) -> bool:
    """Within a transaction as the platform. Returns whether it is new; a known one is not told again."""
    place = mark or f"{of}/{log}/{kind}/{start}/{stop}/{index}"
    alarm, new = Alarm.objects.get_or_create(
        mark=place,
        defaults={
            "node": of, "log": log, "kind": kind, "start": start, "stop": stop, "index": index, "zh": zh,
            "en": en, "found_by": found_by or node(), "raised_at": now,
        },
    )  # fmt: skip
    if not new:
        return False
    notify(
        "cascade-alarm",
        now,
        roles=WATCHERS,
        link="cascade:alarms",
        node=of,
        log=log,
        text=zh[:300],
        text_en=en[:300],
    )
    record_event(
        "cascade-alarm",
        now,
        detail={"node": of, "log": log, "kind": kind, "start": start, "stop": stop, "index": index},
    )
    if not found_by and of != node():
        body = AlarmBody(of, log, kind, alarm.zh, alarm.en, start, stop, index)
        try:
            tell("alarm", f"{of}/{log}", body, now, target=of)
        except NodeUnknown:
            return True
    return True
