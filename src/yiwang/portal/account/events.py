"""The words for what was done to accounts, roles and client applications."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from yiwang.blocks.identity import public as identity
from yiwang.portal import formats

WORDS: dict[str, str | Promise] = {
    "account-created": _("Account created"),
    "account-closed": _("Account closed"),
    "password-reset": _("New first password given"),
    "password-changed": _("Password changed"),
    "role-granted": _("Role given"),
    "role-ended": _("Role taken away"),
    "second-factor-enrolled": _("Second factor set up"),
    "second-factor-reset": _("Second factor reset"),
    "recovery-code-used": _("Recovery code used"),
    "recovery-codes-renewed": _("Recovery codes renewed"),
    "client-registered": _("Application registered"),
    "client-suspended": _("Application suspended"),
    "client-resumed": _("Application resumed"),
    "session-stopped": _("Session ended by hand"),
    "client-key-added": _("Key added"),
    "client-key-rotated": _("Key rotated"),
    "client-key-revoked": _("Key revoked"),
    "client-key-taken": _("Private key fetched by its link"),
    "edge-client-opened": _("Old client let in"),
    "edge-client-extended": _("Old client changed"),
    "edge-client-ended": _("Old client shut out"),
    "deputy-named": _("Deputy named"),
    "deputy-approved": _("Deputy approved"),
    "deputy-refused": _("Deputy refused"),
    "deputy-ended": _("Deputy ended early"),
    "console-key-made": _("Test console's key made"),
    "jobs-key-made": _("Key of the table jobs made"),
}


@dataclass(frozen=True)
class Line:
    """A line of the log as shown."""

    at: datetime
    words: str
    by: str
    of: str
    agency: str | None
    detail: str


def line(event: identity.EventFacts) -> Line:
    """An event in words; an unknown one keeps its key."""
    roles = str(event.facts.get("role") or event.facts.get("roles") or "").split(",")
    kid = event.facts.get("kid")
    detail = [event.client] if event.client else []
    detail += [identity.ROLES[role].name(formats.language()) for role in roles if role in identity.ROLES]
    if isinstance(kid, str):
        detail.append(kid[:12])
    words = str(WORDS.get(event.event, event.event))
    return Line(event.at, words, event.by or "", event.of or "", event.agency, " · ".join(detail))
