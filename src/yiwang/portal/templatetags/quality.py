"""Words of quality in templates: `{% load quality %}`."""

from __future__ import annotations

from collections.abc import Mapping

from django import template
from django.utils.safestring import SafeString

from yiwang.blocks.quality import public as quality
from yiwang.portal import formats
from yiwang.portal.quality import words
from yiwang.portal.statuses import Tone
from yiwang.portal.templatetags.ui import tag

register = template.Library()

register.filter("level_words", words.level_words)
register.filter("dimension_words", words.dimension_words)
register.filter("rule_words", words.rule_words)
register.filter("result_words", words.result_words)
register.filter("finding_words", words.finding_words)
register.filter("ticket_step_words", words.step_words)


@register.simple_tag
def level_tag(level: int | None) -> SafeString:
    """The level as a tag."""
    return tag(words.level_words(level), words.LEVEL_TONES[level] if level else "grey")


@register.simple_tag
def severity_tag(severity: str) -> SafeString:
    """How much a rule counts."""
    return tag(str(words.SEVERITIES[severity]), words.SEVERITY_TONES[severity])


@register.filter
def score_words(score: float | None) -> str:
    """A score with its one decimal, never rounded up to a hundred."""
    return formats.MISSING if score is None else f"{int(score * 10 + 1e-9) / 10:.1f}"


@register.filter
def part_words(share: float | None) -> str:
    """A share of 0 to 1 as a percentage with one decimal, never rounded up to all."""
    if share is None:
        return formats.MISSING
    return f"{int(share * 1000 + 1e-9) / 10:.1f}"


@register.filter
def percentage(share: float) -> float:
    """A share of 0 to 1, of 100."""
    return 100 * share


@register.filter
def level_tone(level: int | None) -> Tone:
    """The colour family of a level."""
    return words.LEVEL_TONES[level] if level else "grey"


@register.filter
def part_tone(share: float) -> str:
    """The colour of a bar: what is below nine in ten waits for someone."""
    return "malachite" if share >= 0.9 else "gamboge" if share >= 0.7 else "cinnabar"


@register.filter
def reason_words(reason: str) -> str:
    """Why a rule was not run."""
    return str(words.REASONS[reason])


@register.filter
def cause_words(cause: str) -> str:
    """What had a run begin."""
    return str(words.CAUSES[cause])


@register.filter
def origin_words(origin: str) -> str:
    """Where the rules come from."""
    return str(words.ORIGINS[origin])


@register.filter
def cadence_words(cadence: str) -> str:
    """How often the rules run."""
    return str(words.CADENCES[cadence])


@register.filter
def in_order(dimensions: Mapping[quality.Dimension, float]) -> list[tuple[str, float]]:
    """Measured dimensions in the order of the standard."""
    return [(name, dimensions[name]) for name in quality.DIMENSIONS if name in dimensions]


@register.filter
def weakest(dimensions: Mapping[quality.Dimension, float]) -> str:
    """The dimension with the lowest share, where any is below one."""
    if not dimensions:
        return ""
    name, share = min(dimensions.items(), key=lambda one: one[1])
    return words.dimension_words(name) if share < 1 else ""


@register.filter
def at(badges: Mapping[str, quality.Badge], code: str) -> quality.Badge | None:
    """The badge of a resource in a list."""
    return badges.get(code)
