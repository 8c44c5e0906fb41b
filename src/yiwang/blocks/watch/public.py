"""The door of watching: alerts and their rules, the history of sources, mail and who wants it."""

from __future__ import annotations

from yiwang.blocks.watch.actions.alerts import acknowledge, set_rule
from yiwang.blocks.watch.actions.mailing import gather, send_waiting
from yiwang.blocks.watch.actions.preferences import set_preference, unsubscribe
from yiwang.blocks.watch.domain.errors import WatchError
from yiwang.blocks.watch.domain.facts import NodeSeen
from yiwang.blocks.watch.domain.mail import GROUPS, HOWS, Preference
from yiwang.blocks.watch.domain.rules import KINDS, STATES, Kind
from yiwang.blocks.watch.queries.seeing import (
    AlertView,
    MailView,
    RuleView,
    StateView,
    alert_counts,
    alerts,
    mails,
    my_preference,
    rules,
    source_states,
)
from yiwang.blocks.watch.tasks import look

__all__ = [
    "GROUPS",
    "HOWS",
    "KINDS",
    "STATES",
    "AlertView",
    "Kind",
    "MailView",
    "NodeSeen",
    "Preference",
    "RuleView",
    "StateView",
    "WatchError",
    "acknowledge",
    "alert_counts",
    "alerts",
    "gather",
    "look",
    "mails",
    "my_preference",
    "rules",
    "send_waiting",
    "set_preference",
    "set_rule",
    "source_states",
    "unsubscribe",
]
