"""Words of standards in templates: `{% load standards %}`."""

from __future__ import annotations

from django import template

from yiwang.portal.quality.words import KINDS
from yiwang.portal.standards.words import CHECKS, TYPES

register = template.Library()


@register.filter
def element_type(kind: str) -> str:
    """The type of an element."""
    return str(TYPES[kind])


@register.filter
def check_character(kind: str) -> str:
    """The kind of a check character."""
    return str(CHECKS[kind])


@register.filter
def demand_words(kind: str) -> str:
    """What an element demands of a column."""
    return str(KINDS.get(kind, kind))
