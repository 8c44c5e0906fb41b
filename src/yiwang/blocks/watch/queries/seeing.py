"""Alerts, rules, the history of sources, one's own preference, and mails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from yiwang.blocks.identity.public import OPERATOR, Actor
from yiwang.blocks.watch.domain.mail import GROUPS, HOWS, How
from yiwang.blocks.watch.domain.mail import Preference as Choice
from yiwang.blocks.watch.domain.rules import KINDS, Kind
from yiwang.blocks.watch.store.models import Alert, Mail, Preference, Rule
from yiwang.blocks.watch.store.seeing import alerts_in_reach, as_actor, states_in_reach

MOST = 200


@dataclass(frozen=True)
class AlertView:
    """An alert as pages show it."""

    id: int
    kind: str
    subject: str
    agency: str
    link: str
    params: Mapping[str, str]
    state: str
    urgent: bool
    opened_at: datetime
    seen_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str
    closed_at: datetime | None


@dataclass(frozen=True)
class RuleView:
    """A rule with what is in force."""

    kind: Kind
    enabled: bool
    limit: int
    changed_at: datetime | None
    changed_by: str


@dataclass(frozen=True)
class StateView:
    """A source in one state; `until` is None while it lasts."""

    source: str
    agency: str
    eye: str
    state: str
    code: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class MailView:
    """A mail in the list of operators; the body is for a demo node's page alone."""

    id: int
    address: str
    subject: str
    body: str
    state: str
    tries: int
    fault: str
    created_at: datetime
    sent_at: datetime | None


@as_actor
def alerts(actor: Actor, *, state: str = "") -> tuple[AlertView, ...]:
    """Alerts to the actor, the latest first, at most 200; of one state where named."""
    rows = alerts_in_reach(actor)
    rows = rows.filter(state=state) if state else rows
    return tuple(_alert(row) for row in rows[:MOST])


@as_actor
def alert_counts(actor: Actor) -> dict[str, int]:
    """How many alerts to the actor are in each state."""
    rows = alerts_in_reach(actor).values_list("state", flat=True)
    found: dict[str, int] = {}
    for state in rows:
        found[state] = found.get(state, 0) + 1
    return found


def rules() -> tuple[RuleView, ...]:
    """Every rule, changed or not."""
    changed = {row.kind: row for row in Rule.objects.all()}
    found = []
    for kind in KINDS.values():
        row = changed.get(kind.name)
        found.append(
            RuleView(kind, row.enabled, row.limit, row.changed_at, row.changed_by)
            if row
            else RuleView(kind, True, kind.limit, None, "")
        )
    return tuple(found)


@as_actor
def source_states(actor: Actor, *, source: str = "", open_only: bool = False) -> tuple[StateView, ...]:
    """States of sources the actor may see, the latest first, at most 200."""
    rows = states_in_reach(actor)
    rows = rows.filter(source=source) if source else rows
    rows = rows.filter(until__isnull=True) if open_only else rows
    return tuple(
        StateView(row.source, row.agency, row.eye, row.state, row.code, row.since, row.until)
        for row in rows[:MOST]
    )


@as_actor
def my_preference(actor: Actor) -> Choice:
    """The person's own choice."""
    row = Preference.objects.filter(user=actor.user_id).first()
    return choice_of(row) if row else Choice()


def choice_of(row: Preference) -> Choice:
    """A row as a choice."""
    hows: dict[str, How] = {group: how for group in GROUPS for how in HOWS if row.hows.get(group) == how}
    return Choice(row.address, row.language, hows)


@as_actor
def mails(actor: Actor) -> tuple[MailView, ...]:
    """The latest mails of the node, for operators. Raises: NotAllowed."""
    actor.require(OPERATOR)
    return tuple(
        MailView(
            row.pk,
            row.address,
            row.subject,
            row.body,
            row.state,
            row.tries,
            row.fault,
            row.created_at,
            row.sent_at,
        )
        for row in Mail.objects.all()[:MOST]
    )


def _alert(row: Alert) -> AlertView:
    params = {str(name): str(value) for name, value in row.params.items()}
    kind = KINDS.get(row.kind)
    return AlertView(
        row.pk, row.kind, row.subject, row.agency, row.link, params, row.state, bool(kind and kind.urgent),
        row.opened_at, row.seen_at, row.acknowledged_at, row.acknowledged_by, row.closed_at,
    )  # fmt: skip
