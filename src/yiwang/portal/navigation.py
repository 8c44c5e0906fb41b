"""What stands in the header of a portal and in the rail of a desk, and for whom.

An entry shows when its address exists and the person holds one of its roles (no roles: everyone who signed in).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from yiwang.blocks.identity import public as identity


@dataclass(frozen=True)
class Entry:
    """A link of a menu. `tab` is what a page names as its own (`{% site_header %}` underlines it)."""

    tab: str
    url_name: str
    label: str | Promise
    icon: str = "list"
    roles: frozenset[str] = field(default_factory=frozenset)
    section: str | Promise = ""
    seldom: bool = False
    """Stands under "more" in a header where there are many entries."""
    of_systems: bool = False
    """Shown to who holds a role of a declared system, whatever their roles of the platform."""

    @property
    def url(self) -> str:
        """The address, or nothing when this node does not have the page."""
        try:
            return reverse(self.url_name)
        except NoReverseMatch:
            return ""


OFFICERS = frozenset({identity.DATA_OFFICER, identity.APPROVER})
REVIEWERS = frozenset({identity.REVIEWER})
WATCHERS = frozenset({identity.OPERATOR, identity.AUDITOR, identity.REVIEWER})
ADMINISTRATORS = frozenset({identity.SYSTEM_ADMIN, identity.SECURITY_ADMIN, identity.AUDIT_ADMIN})
LEADERS = frozenset({identity.APPROVER, identity.REVIEWER, identity.AUDITOR, identity.AUDIT_ADMIN})
"""Who has the cockpit by role; holders of roles of a system have it too."""
NODE_WATCHERS = frozenset({identity.OPERATOR, identity.AUDITOR}) | ADMINISTRATORS

SHARE = (
    Entry("home", "share:home", _("Home")),
    Entry("resources", "share:resources", _("Catalogue")),
    Entry(
        "beyond",
        "share:beyond",
        _("Other nodes"),
        roles=OFFICERS | REVIEWERS | frozenset({identity.AUDITOR}),
        seldom=True,
    ),
    Entry(
        "needs",
        "share:needs",
        _("Data needs"),
        roles=OFFICERS | REVIEWERS | frozenset({identity.AUDITOR}),
    ),
    Entry("requests", "share:requests", _("My requests")),
    Entry("grants", "share:grants", _("My grants")),
    Entry("jobs", "delivery:jobs", _("Table jobs"), roles=OFFICERS, seldom=True),
    Entry("desk", "desk:home", _("Desk"), roles=OFFICERS | REVIEWERS),
    Entry("monitor", "console:monitor", _("Monitor"), roles=OFFICERS | WATCHERS, seldom=True),
    Entry("cockpit", "cockpit:home", _("Cockpit"), roles=LEADERS, seldom=True),
    Entry("evidence", "evidence:home", _("Evidence"), seldom=True),
)
COCKPIT = (Entry("home", "cockpit:home", _("Figures")),)
PUBLIC: tuple[Entry, ...] = (Entry("evidence", "evidence:home", _("Evidence")),)
DESK = (
    Entry("todo", "desk:home", _("To do"), "inbox", OFFICERS | REVIEWERS),
    Entry("reviews", "desk:reviews", _("Formal reviews"), "file-check", REVIEWERS),
    Entry("decisions", "desk:decisions", _("Decisions"), "scale", OFFICERS),
    Entry("grants", "desk:grants", _("Grants given"), "key", OFFICERS | REVIEWERS),
    Entry("phrases", "desk:phrases", _("Kept texts"), "file-text", OFFICERS | REVIEWERS),
    Entry("systems", "systems:systems", _("Business systems"), "apps", of_systems=True),
    Entry("workbench", "catalogue:workbench", _("Workbench"), "list-check", OFFICERS, _("Provide")),
    Entry("resources", "desk:resources", _("Our resources"), "stack-2", OFFICERS, _("Provide")),
    Entry("scans", "catalogue:scans", _("Scan a source"), "file-search", OFFICERS, _("Provide")),
    Entry(
        "census",
        "catalogue:census",
        _("Census sheet"),
        "table",
        frozenset({identity.DATA_OFFICER}),
        _("Provide"),
    ),
    Entry(
        "entry-reviews",
        "catalogue:reviews",
        _("Review of entries"),
        "shield-check",
        OFFICERS | REVIEWERS,
        _("Provide"),
    ),
    Entry(
        "standing",
        "catalogue:standing",
        _("State of the catalogue"),
        "chart-bar",
        OFFICERS | REVIEWERS,
        _("Provide"),
    ),
    Entry(
        "one-source",
        "catalogue:one-source",
        _("One source per datum"),
        "affiliate",
        REVIEWERS | {identity.AUDITOR},
        _("Provide"),
    ),
    Entry(
        "quality",
        "quality:home",
        _("Data quality"),
        "activity",
        OFFICERS | REVIEWERS | {identity.AUDITOR, identity.OPERATOR},
        _("Provide"),
    ),
    Entry(
        "tickets",
        "quality:tickets",
        _("Tickets of quality"),
        "alert-circle",
        OFFICERS | REVIEWERS | {identity.AUDITOR},
        _("Provide"),
    ),
    Entry("standards", "standards:home", _("Data standards"), "book-2", section=_("Provide")),
    Entry("sources", "desk:sources", _("Sources"), "database", OFFICERS, _("Provide")),
    Entry("mounts", "desk:mounts", _("Connected"), "plug-connected", OFFICERS, _("Provide")),
)
CONSOLE = (
    Entry("monitor", "console:monitor", _("Exchange monitor"), "activity"),
    Entry(
        "usage",
        "usage:home",
        _("Usage"),
        "chart-bar",
        OFFICERS | WATCHERS | frozenset({identity.AUDIT_ADMIN}),
    ),
    Entry("alerts", "alerts:home", _("Alerts"), "bell", OFFICERS | WATCHERS),
    Entry(
        "sources", "console:sources", _("State of the sources"), "database", OFFICERS | {identity.OPERATOR}
    ),
    Entry("lookup", "console:lookup", _("Look up an error"), "file-search"),
    Entry("jobs", "delivery:jobs", _("Table jobs"), "stack-2", WATCHERS),
    Entry("grants", "console:grants", _("Grants"), "key", frozenset({identity.AUDITOR, identity.REVIEWER})),
    Entry("evidence", "evidence:home", _("Tree heads"), "binary-tree-2", section=_("Evidence")),
    Entry("verify", "evidence:verify", _("Check a file"), "shield-check", section=_("Evidence")),
    Entry("node", "console:node", _("Node"), "server", NODE_WATCHERS, _("Platform")),
    Entry(
        "systems",
        "console:systems",
        _("Systems"),
        "stack-2",
        frozenset({identity.OPERATOR, identity.AUDITOR}),
        _("Platform"),
    ),
    Entry(
        "feeds",
        "console:feeds",
        _("Catalogues we follow"),
        "refresh",
        frozenset({identity.OPERATOR}),
        _("Platform"),
    ),
    Entry(
        "cascade",
        "console:cascade",
        _("Cascade"),
        "affiliate",
        REVIEWERS | frozenset({identity.OPERATOR, identity.AUDITOR, identity.AUDIT_ADMIN}),
        _("Platform"),
    ),
    Entry("mails", "alerts:mails", _("Mails"), "send", frozenset({identity.OPERATOR}), _("Platform")),
    Entry("clients", "account:clients", _("Client applications"), "api", section=_("Platform")),
    Entry(
        "sessions",
        "account:sessions",
        _("Sessions"),
        "clock",
        frozenset({identity.DATA_OFFICER, identity.OPERATOR}),
        _("Platform"),
    ),
    Entry(
        "edges",
        "console:edges",
        _("Old interfaces"),
        "history",
        frozenset({identity.OPERATOR, identity.AUDITOR}),
        _("Platform"),
    ),
    Entry("people", "account:people", _("People"), "users", section=_("Platform")),
)
MENUS: dict[str, tuple[Entry, ...]] = {
    "share": SHARE,
    "public": PUBLIC,
    "desk": DESK,
    "console": CONSOLE,
    "cockpit": COCKPIT,
}
PARTS: dict[str, str | Promise] = {
    "share": _("Share"),
    "public": _("Public services"),
    "desk": _("Desk"),
    "console": _("Operations"),
    "cockpit": _("Cockpit"),
}
HOMES = {
    "share": "share:home",
    "public": "share:home",
    "desk": "desk:home",
    "console": "console:monitor",
    "cockpit": "cockpit:home",
}


@dataclass(frozen=True)
class Link:
    """An entry as drawn."""

    label: str
    url: str
    icon: str
    current: bool
    section: str
    tab: str = ""
    seldom: bool = False


def links(portal: str, tab: str, roles: frozenset[str] | None, *, in_systems: bool = False) -> list[Link]:
    """The links of a portal for a person with these roles; None: a visitor, who sees what asks for no role.

    `in_systems`: the person holds a role of some declared system.
    """
    drawn = []
    for entry in MENUS[portal]:
        url = entry.url
        if entry.of_systems and not in_systems:
            continue
        if url and (not entry.roles or (roles is not None and not entry.roles.isdisjoint(roles))):
            drawn.append(
                Link(
                    str(entry.label),
                    url,
                    entry.icon,
                    entry.tab == tab,
                    str(entry.section),
                    entry.tab,
                    entry.seldom,
                )
            )
    return drawn


MOST_IN_HEAD = 6
"""Entries that a header has room for beside each other, in English at 1280 pixels."""


def headed(drawn: Sequence[Link]) -> tuple[list[Link], list[Link]]:
    """The links that stand in a header, and those under "more": none where all have room."""
    if len(drawn) <= MOST_IN_HEAD:
        return list(drawn), []
    return [one for one in drawn if not one.seldom], [one for one in drawn if one.seldom]
