"""Names of roles on pages. `{% load accounts %}`."""

from __future__ import annotations

from django import template

from yiwang.blocks.identity.public import ROLES
from yiwang.portal import formats

register = template.Library()


@register.simple_tag
def role_name(role: str) -> str:
    """A role's name in the language of the page."""
    return ROLES[role].name(formats.language()) if role in ROLES else role
