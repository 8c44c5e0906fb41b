"""Labels of declared systems in the language of the page. `{% load systems %}`."""

from __future__ import annotations

from django import template

from yiwang.blocks.registry.public import Label
from yiwang.portal import formats

register = template.Library()


@register.simple_tag
def label(given: Label) -> str:
    """A declared label: Chinese where there is no English."""
    return given.text(formats.language())
