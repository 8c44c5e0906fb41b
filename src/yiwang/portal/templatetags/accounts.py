"""Names of roles and whose work it is, on pages. `{% load accounts %}`."""

from __future__ import annotations

from datetime import datetime, timedelta

from django import template
from django.template.context import RequestContext

from yiwang.blocks.identity.public import APPROVER, DATA_OFFICER, REVIEWER, ROLES, actor_of
from yiwang.portal import formats

register = template.Library()


@register.simple_tag
def role_name(role: str) -> str:
    """A role's name in the language of the page."""
    return ROLES[role].name(formats.language()) if role in ROLES else role


@register.filter
def last_day(until: datetime) -> datetime:
    """The last moment of a period whose end is not included: for the name of its last day."""
    return until - timedelta(seconds=1)


_KINDS = {"review": (REVIEWER,), "decide": (DATA_OFFICER, APPROVER)}


@register.simple_tag(takes_context=True)
def work_of(context: RequestContext, kind: str) -> str:
    """Whose work a queue (`review` or `decide`) is, where the reader stands in for somebody; else nothing."""
    me = actor_of(context["request"])
    principals = me.stands_for(*_KINDS.get(kind, ())) if me else ()
    return formats.pick("、", ", ").join(one.name for one in principals)
