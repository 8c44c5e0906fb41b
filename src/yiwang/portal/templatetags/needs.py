"""Words of supply and demand in templates: `{% load needs %}`."""

from __future__ import annotations

from collections.abc import Iterable

from django import template

from yiwang.blocks.demand.public import NeedStep
from yiwang.portal.share import need_words
from yiwang.portal.share.wording import StepWords
from yiwang.portal.templatetags.exchange import listed

register = template.Library()


@register.filter
def need_step_words(step: NeedStep) -> StepWords:
    """The word and the tone of a step of a need."""
    return need_words.step_words(step)


@register.filter
def why_words(why: str) -> str:
    """Why a need is before the data bureau."""
    return str(need_words.WHY.get(why, ""))


@register.filter
def need_modes(modes: Iterable[str]) -> str:
    """Ways of use that are wanted."""
    return listed(str(need_words.MODES[mode]) for mode in modes)


@register.filter
def fresh_words(freshness: str) -> str:
    """How fresh the data is to be."""
    return str(need_words.FRESHNESS[freshness])
