"""Words of alerts, rules and states of sources."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

RULES: dict[str, str | Promise] = {
    "source-down": _("A source does not answer its test"),
    "source-resting": _("Gateways leave a source alone after failures"),
    "mount-drifted": _("The table of an entry has changed"),
    "table-job-stopped": _("A table job has stopped"),
    "refusals": _("Many calls of a grant are refused today"),
    "quota": _("Most of a day's quota is used"),
    "quota-full": _("A day's quota is used up"),
    "grant-expiring": _("A grant runs out soon"),
    "request-overdue": _("The answer to a request is late"),
    "quality-low": _("The data of an entry is of a low level"),
    "ticket-overdue": _("A ticket of quality is late"),
    "data-stale": _("The data of an entry are older than its update cycle"),
    "department-stale": _("A department has entries with data older than their cycle"),
    "process-down": _("A process of the node has stopped"),
    "gateway-unwell": _("The gateway does not answer as it should"),
    "evidence-doubtful": _("A log's head does not fit the node's keys"),
    "disk-full": _("The disk is nearly full"),
}
UNITS: dict[str, str | Promise] = {
    "minutes": _("minutes at least"),
    "percent": _("% at least"),
    "days": _("days"),
    "level": _("or lower"),
    "count": _("entries at least"),
    "none": "",
}
STATES: dict[str, str | Promise] = {
    "open": _("To take care of"),
    "acknowledged": _("Taken care of"),
    "closed": _("Over"),
}
TONES = {"open": "cinnabar", "acknowledged": "gamboge", "closed": "grey"}
GROUPS: dict[str, str | Promise] = {
    "requests": _("Requests"),
    "grants": _("Grants"),
    "data": _("Entries and tables"),
    "alerts": _("Alerts"),
}
HOWS: dict[str, str | Promise] = {"now": _("At once"), "daily": _("Once a day"), "never": _("Never")}
EYES: dict[str, str | Promise] = {"check": _("Test of the platform"), "gateway": _("Gateway")}
SOURCE_STATES: dict[str, str | Promise] = {
    "well": _("well"),
    "failing": _("does not answer"),
    "resting": _("left alone after failures"),
}
MAIL_STATES: dict[str, str | Promise] = {
    "waiting": _("waiting"),
    "sent": _("sent"),
    "given-up": _("given up"),
}
