"""The frames around every page: header, rail, top bar, footer, and who is signed in. `{% load frames %}`."""

from __future__ import annotations

from typing import TypedDict

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.template.context import RequestContext
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext

from yiwang.blocks.identity.public import Actor, actor_of
from yiwang.blocks.registry.public import sees_figures, works_in_systems
from yiwang.portal import formats, navigation

register = template.Library()
LARGE_COOKIE = "yw_text"


def _request(context: RequestContext) -> HttpRequest:
    request = context["request"]
    assert isinstance(request, HttpRequest)
    return request


def _address(name: str) -> str:
    """The address of a page, or nothing where this node does not have it."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


@register.simple_tag(takes_context=True)
def large_text_class(context: RequestContext) -> str:
    """The class of 大字 when the reader chose it."""
    return " large" if _request(context).COOKIES.get(LARGE_COOKIE) == "large" else ""


@register.simple_tag(takes_context=True)
def me(context: RequestContext) -> Actor | None:
    """Who is signed in."""
    return actor_of(_request(context))


class _Frame(TypedDict):
    request: HttpRequest
    me: Actor | None
    portal: str
    part: str
    home: str
    links: list[navigation.Link]
    other_language: str
    other_name: str
    unread: int
    messages: object
    counts: object


class _Header(_Frame):
    shown: list[navigation.Link]
    more: list[navigation.Link]
    here: str


def _frame(context: RequestContext, portal: str) -> _Frame:
    request = _request(context)
    actor = actor_of(request)
    at_desk = actor is not None and bool(actor.roles & (navigation.OFFICERS | navigation.REVIEWERS))
    in_systems = portal == "desk" and actor is not None and works_in_systems(actor, timezone.now())
    home_of = "systems:systems" if portal == "desk" and not at_desk else navigation.HOMES[portal]
    try:
        home = reverse(home_of)
    except NoReverseMatch:
        home = "/"
    english = formats.language() == "en"
    unread = context.get("unread", 0)
    return {
        "request": request,
        "me": actor,
        "portal": portal,
        "part": str(navigation.PARTS[portal]),
        "home": home,
        "links": navigation.links(
            portal, str(context.get("tab", "")), actor.roles if actor else None, in_systems=in_systems
        ),
        "other_language": "zh-hans" if english else "en",
        "other_name": "中文" if english else "English",
        "unread": unread if isinstance(unread, int) else 0,
        "messages": None,
        "counts": context.get("counts") or {},
    }


@register.inclusion_tag("components/site_header.html", takes_context=True)
def site_header(context: RequestContext, portal: str) -> _Header:
    """The white header of the public pages and of the share; the view's `tab` is underlined."""
    frame = _frame(context, portal)
    shown, more = navigation.headed(frame["links"])
    here = next((one.label for one in more if one.current), "")
    return {**frame, "shown": shown, "more": more, "here": here}


@register.inclusion_tag("components/site_rail.html", takes_context=True)
def site_rail(context: RequestContext, portal: str) -> _Frame:
    """The rail of the desk or the console; the view's `tab` is marked."""
    return _frame(context, portal)


@register.inclusion_tag("components/site_topbar.html", takes_context=True)
def site_topbar(context: RequestContext, portal: str = "desk") -> _Frame:
    """The top bar of the desk or the console."""
    return _frame(context, portal)


@register.simple_tag
def address(name: str) -> str:
    """The address of a page without arguments, or nothing where this node does not have it."""
    return _address(name)


@register.simple_tag
def node_name() -> str:
    """The node's name, as in every signature."""
    return str(settings.YW_NODE)


@register.simple_tag
def footer_links() -> list[tuple[str, str]]:
    """Links of the footer that exist on this node."""
    wanted = (
        (gettext("Guide"), "portal:guide"),
        (gettext("Verify evidence"), "evidence:home"),
        (gettext("Components"), "portal:style"),
    )
    return [(label, url) for label, name in wanted if (url := _address(name))]


@register.simple_tag
def account_links() -> list[tuple[str, str, str]]:
    """What a person does about their own account: label, address, icon."""
    wanted = (
        (gettext("My account"), "account:home", "user"),
        (gettext("Client applications"), "account:clients", "api"),
    )
    return [(label, url, icon) for label, name, icon in wanted if (url := _address(name))]


def _counts(actor: Actor, roles: frozenset[str]) -> bool:
    """Whether the cockpit has something for a person."""
    return bool(roles & navigation.LEADERS) or sees_figures(actor, timezone.now())


@register.simple_tag(takes_context=True)
def portals(context: RequestContext, portal: str) -> list[tuple[str, str, str]]:
    """The other portals, from the rail: label, address, icon."""
    actor = actor_of(_request(context))
    roles = actor.roles if actor else frozenset()
    wanted = [("share", "stack-2", True)]
    at_desk = bool(roles & (navigation.OFFICERS | navigation.REVIEWERS))
    wanted += [("desk", "inbox", at_desk)]
    works = portal != "desk" and not at_desk and actor is not None and works_in_systems(actor, timezone.now())
    wanted += [
        (
            "console",
            "activity",
            bool(roles & (navigation.OFFICERS | navigation.WATCHERS | navigation.ADMINISTRATORS)),
        )
    ]
    wanted += [("cockpit", "chart-bar", actor is not None and _counts(actor, roles))]
    found = [
        (str(navigation.PARTS[name]), url, icon)
        for name, icon, allowed in wanted
        if allowed and name != portal and (url := _address(navigation.HOMES[name]))
    ]
    if works and (url := _address("systems:systems")):
        found.append((str(navigation.PARTS["desk"]), url, "inbox"))
    return found
