"""The closed list of states that pages show: for each kind of thing, the state's tone and word.

A state has a dot; a property (share type, grade of an item) has none. Nothing outside this file names a colour
for a state, and a state that is not here fails loudly instead of looking grey.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Tone = Literal["azurite", "malachite", "gamboge", "cinnabar", "violet", "grey"]


@dataclass(frozen=True)
class Status:
    """A tag: its colour family, its word, and whether it is a state (dot) or a property."""

    tone: Tone
    label: str | Promise
    dot: bool = True


STATUSES: dict[str, dict[str, Status]] = {
    "resource": {
        "draft": Status("grey", _("Draft")),
        "published": Status("malachite", _("Published")),
        "withdrawn": Status("grey", _("Withdrawn")),
    },
    "share_type": {
        "unconditional": Status("malachite", _("Shared without conditions"), dot=False),
        "conditional": Status("azurite", _("Shared under conditions"), dot=False),
        "none": Status("grey", _("Not shared"), dot=False),
    },
    "grade": {
        "general": Status("grey", _("General"), dot=False),
        "personal": Status("azurite", _("Personal"), dot=False),
        "sensitive": Status("violet", _("Sensitive personal"), dot=False),
    },
    "request": {
        "draft": Status("grey", _("Draft")),
        "submitted": Status("azurite", _("Under formal review")),
        "returned": Status("gamboge", _("Returned to you")),
        "rejected": Status("cinnabar", _("Review not passed")),
        "deciding": Status("azurite", _("With the provider")),
        "granted": Status("malachite", _("Granted")),
        "refused": Status("cinnabar", _("Refused")),
        "withdrawn": Status("grey", _("Withdrawn")),
    },
    "need": {
        "draft": Status("grey", _("Draft")),
        "routed": Status("azurite", _("With its likely holders")),
        "arbitration": Status("gamboge", _("Before the data bureau")),
        "promised": Status("azurite", _("Will be catalogued")),
        "met": Status("malachite", _("Met")),
        "declined": Status("cinnabar", _("Cannot be met")),
        "withdrawn": Status("grey", _("Withdrawn")),
    },
    "answer": {
        "": Status("grey", _("No answer yet")),
        "have": Status("malachite", _("Holds it, in the catalogue")),
        "will": Status("azurite", _("Holds it, will catalogue it")),
        "none": Status("grey", _("Does not hold it")),
        "cannot": Status("cinnabar", _("May not share it")),
        "released": Status("grey", _("Not asked any more")),
    },
    "grant": {
        "active": Status("malachite", _("In force")),
        "suspended": Status("gamboge", _("Suspended")),
        "revoked": Status("cinnabar", _("Revoked")),
        "expired": Status("grey", _("Expired")),
    },
    "mount": {
        "active": Status("malachite", _("Normal")),
        "drifted": Status("gamboge", _("Source changed")),
        "suspended": Status("gamboge", _("Suspended")),
        "withdrawn": Status("grey", _("Withdrawn")),
    },
    "source": {
        "active": Status("malachite", _("Connected")),
        "suspended": Status("gamboge", _("Suspended")),
        "failing": Status("cinnabar", _("Not answering")),
        "unchecked": Status("grey", _("Not checked yet")),
    },
    "client": {
        "active": Status("malachite", _("In use")),
        "suspended": Status("gamboge", _("Suspended")),
        "withdrawn": Status("grey", _("Withdrawn")),
    },
    "session": {
        "open": Status("malachite", pgettext_lazy("session", "Open")),
        "suspended": Status("gamboge", _("Suspended")),
        "ended": Status("grey", pgettext_lazy("session", "Ended")),
    },
    "key": {
        "active": Status("malachite", _("In force")),
        "waiting": Status("azurite", _("Not yet in force")),
        "expiring": Status("gamboge", _("Running out")),
        "expired": Status("grey", _("Expired")),
        "revoked": Status("cinnabar", _("Revoked")),
    },
    "account": {
        "active": Status("malachite", _("In use")),
        "locked": Status("cinnabar", _("Locked")),
        "suspended": Status("grey", _("Suspended")),
    },
    "deputy": {
        "waits": Status("gamboge", _("Awaits approval")),
        "named": Status("azurite", _("To begin")),
        "runs": Status("malachite", _("In force")),
        "over": Status("grey", _("Over")),
        "refused": Status("cinnabar", _("Not approved")),
        "ended": Status("grey", _("Ended early")),
    },
    "edge": {
        "active": Status("gamboge", _("Let in")),
        "over": Status("grey", _("Past its last day")),
        "ended": Status("grey", _("Shut out")),
    },
    "file": {
        "arriving": Status("azurite", _("Arriving")),
        "checking": Status("azurite", _("Being checked")),
        "ready": Status("malachite", _("Ready")),
        "refused": Status("cinnabar", _("Not passed")),
        "ended": Status("grey", _("No longer kept")),
    },
    "job": {
        "running": Status("azurite", _("Running")),
        "waiting": Status("grey", _("Waiting")),
        "paused": Status("gamboge", _("Paused")),
        "reconciling": Status("azurite", _("Reconciling")),
        "done": Status("malachite", _("Done")),
        "failed": Status("cinnabar", _("Failed")),
    },
    "table_job": {
        "running": Status("azurite", _("Running")),
        "queued": Status("azurite", _("Waiting its turn")),
        "scheduled": Status("malachite", _("On schedule")),
        "idle": Status("grey", _("Not run yet")),
        "done": Status("malachite", _("Table delivered")),
        "paused": Status("gamboge", _("Paused")),
        "failed": Status("cinnabar", _("Stopped, look at it")),
        "ended": Status("grey", _("Ended for good")),
    },
    "subscription": {
        "starting": Status("azurite", _("Starting")),
        "active": Status("malachite", _("Follows")),
        "failing": Status("gamboge", _("Receiver fails, tried again")),
        "dead": Status("cinnabar", _("Receiver does not answer")),
        "unwanted": Status("cinnabar", _("Receiver wants no more")),
        "paused": Status("gamboge", _("Paused")),
        "overdue": Status("cinnabar", _("Paused, not acknowledged")),
        "ended": Status("grey", _("Ended for good")),
    },
    "table_run": {
        "queued": Status("azurite", _("Waiting its turn")),
        "running": Status("azurite", _("Running")),
        "done": Status("malachite", _("Table delivered")),
        "paused": Status("gamboge", _("Paused")),
        "cancelled": Status("grey", _("Cancelled")),
        "failed": Status("cinnabar", _("Failed")),
    },
    "held": {
        "held": Status("gamboge", _("Waiting")),
        "mended": Status("azurite", _("Mended, not written yet")),
        "replayed": Status("malachite", _("Written")),
        "discarded": Status("grey", _("Left out")),
    },
    "scan": {
        "waiting": Status("grey", _("Waiting")),
        "running": Status("azurite", _("Running")),
        "done": Status("malachite", _("Finished")),
        "failed": Status("cinnabar", _("Failed")),
        "cancelled": Status("grey", _("Stopped")),
    },
    "version": {
        "current": Status("malachite", _("Current"), dot=False),
        "past": Status("grey", _("Past"), dot=False),
    },
    "standard": {
        "draft": Status("gamboge", _("Draft")),
        "in_force": Status("malachite", _("In force")),
        "superseded": Status("grey", _("Superseded")),
    },
    "ticket": {
        "new": Status("gamboge", _("To be dispatched")),
        "dispatched": Status("azurite", _("Dispatched")),
        "mending": Status("azurite", _("Being mended")),
        "review": Status("gamboge", _("Awaits the next run")),
        "closed": Status("malachite", _("Closed")),
        "exempt": Status("grey", _("Exempt")),
    },
    "claim": {
        "match": Status("malachite", _("Match")),
        "mismatch": Status("cinnabar", _("No match")),
        "unknown": Status("grey", _("Unknown")),
    },
}


def status(kind: str, state: str) -> Status:
    """The tag of a state.

    Raises:
        KeyError: the kind or the state is not in the closed list.
    """
    return STATUSES[kind][state]


def call_tone(code: int | None) -> Tone:
    """The tone of an HTTP status in a list of calls: refused is red, failing sources are amber."""
    if code is None:
        return "grey"
    if code < 400:
        return "malachite"
    return "gamboge" if code >= 500 else "cinnabar"
