"""Words of the exchange in templates: `{% load exchange %}`."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from django import template
from django.template import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from yiwang.blocks.catalogue.public import (
    FORMAT_CLASSES,
    GRADES,
    ITEM_TYPES,
    LEVELS,
    MASKS,
    SHARE_WAYS,
    UPDATE_CYCLES,
    ItemDraft,
    Label,
    marked,
)
from yiwang.blocks.exchange.public import Delivery, DueView, NoticeView, Purpose, StepView, TodoView
from yiwang.portal import formats, statuses
from yiwang.portal.clocks import DayClock
from yiwang.portal.deadlines import clock_of, promise
from yiwang.portal.purposes import purpose_names as purposes_of
from yiwang.portal.quality.words import level_words
from yiwang.portal.share import wording
from yiwang.portal.share.delivering import FREQUENCIES, WAYS
from yiwang.portal.templatetags.ui import agency_name
from yiwang.portal.titles import english_title

register = template.Library()
_LABELS: dict[str, dict[str, Label]] = {
    "grade": dict(GRADES.items()),
    "type": dict(ITEM_TYPES.items()),
    "mask": dict(MASKS.items()),
    "cycle": dict(UPDATE_CYCLES.items()),
    "level": dict(LEVELS.items()),
    "format": dict(FORMAT_CLASSES.items()),
    "way": dict(SHARE_WAYS.items()),
}


@register.filter
def due_clock(due: DueView | None) -> DayClock | None:
    """The day clock of a deadline."""
    return clock_of(due)


@register.filter
def days_clock(days: int) -> DayClock:
    """The clock of a promise of so many working days."""
    return promise(days)


@register.filter
def listed(words: Iterable[str]) -> str:
    """Several words in a row, as the language of the page separates them."""
    return ("、" if formats.language() == "zh" else ", ").join(words)


@register.simple_tag
def resource_title(code: str, title: str) -> str:
    """The title of a resource in the language of the page; `title` is the Chinese one."""
    return formats.pick(title, english_title(code))


@register.simple_tag
def purpose_names(purposes: Iterable[Purpose]) -> SafeString:
    """Purposes in the language of the page; what has no English name is marked as Chinese."""
    return format_html_join(
        " · ",
        "<span{}>{}</span>",
        (
            (format_html(' lang="{}"', one.lang) if one.lang else "", one.title)
            for one in purposes_of(purposes)
        ),
    ) or format_html("—")


@register.simple_tag
def in_words(zh: str, en: str = "") -> SafeString | str:
    """A text in the language of the page; on an English page the Chinese one, marked as such, where there is no other."""
    if formats.language() == "en" and zh and not en:
        return format_html('<span lang="zh-CN">{}</span>', zh)
    return formats.pick(zh, en)


@register.filter
def mode_words(modes: str | Iterable[str]) -> str:
    """Ways of use."""
    names = (modes,) if isinstance(modes, str) else tuple(modes)
    return listed(str(wording.MODES[name]) for name in names)


@register.filter
def delivery_words(delivery: Delivery) -> str:
    """Ways and frequency of a delivered table."""
    words = listed(str(WAYS[way]) for way in delivery.ways)
    return f"{words} · {FREQUENCIES[delivery.frequency]}"


@register.filter
def operator_words(operator: str) -> str:
    """How values are compared."""
    return str(wording.OPERATORS[operator])


@register.filter
def step_words(step: StepView) -> wording.StepWords:
    """A step of a request or a grant."""
    return wording.step_words(step)


@register.filter
def todo_words(todo: TodoView) -> str:
    """A to-do."""
    return wording.todo_words(todo)


@register.filter
def todo_url(todo: TodoView) -> str:
    """Where a to-do is done."""
    return wording.todo_url(todo)


@register.filter
def news(notice: NoticeView) -> str:
    """The sentence of a notice."""
    return wording.news(notice)


@register.filter
def link_of(link: str) -> str:
    """The page that a notice leads to."""
    return wording.link_of(link)


@register.filter
def why_not(code: str) -> str:
    """Why a resource cannot be asked for."""
    return str(wording.WHY_NOT.get(code, code))


@register.simple_tag
def label(kind: str, value: str) -> str:
    """The word of a code of the catalogue: grade, type, mask or cycle."""
    found = _LABELS[kind].get(value)
    return formats.pick(found.zh, found.en) if found else value


@register.filter
def ten_thousands(count: Decimal) -> str:
    """Records that are told in ten thousands, as the census does."""
    shown = formats.figure(float(count * 10_000))
    return f"{shown.number} {shown.scale}".rstrip()


@register.filter
def format_of(item: ItemDraft) -> str:
    """The type of an item in the short form of the field: C..50, N, D8."""
    short = {"text": "C", "integer": "N", "decimal": "N", "boolean": "L", "date": "D8", "datetime": "DT15"}
    letter = short.get(item.type, "B" if item.type == "binary" else "J")
    return f"{letter}..{item.length}" if item.length and letter in {"C", "N"} else letter


@register.simple_tag
def facet_word(name: str, value: str, fallback: str = "") -> str:
    """The word of a facet's value."""
    match name:
        case "provider":
            return agency_name(value, fallback)
        case "share_type":
            return str(statuses.status("share_type", value).label)
        case "mode":
            return str(wording.MODES.get(value, gettext("not connected")))
        case "quality":
            return level_words(int(value) if value.isdecimal() else None)
        case "theme":
            return str(wording.THEMES.get(value, value))
        case _:
            return label("cycle" if name == "update_cycle" else name, value)


@register.simple_tag(takes_context=True)
def facet_link(context: Context, name: str, value: str = "") -> str:
    """The address of this list narrowed by a facet, or without it; from the first page."""
    kept = context["request"].GET.copy()
    kept.pop("page", None)
    kept.pop(name, None)
    if value:
        kept[name] = value
    return f"?{kept.urlencode()}"


@register.simple_tag
def marked_text(text: str, marks: tuple[str, ...]) -> SafeString:
    """A text with the words looked for marked."""
    return format_html_join(
        "",
        "{}",
        ((format_html("<mark>{}</mark>", part) if hit else part,) for part, hit in marked(text, marks)),
    )


@register.simple_tag
def share_word(value: str) -> str:
    """The word of a share type."""
    return str(statuses.status("share_type", value).label)


@register.simple_tag
def status_word(kind: str, state: str) -> str:
    """The word of a state without its tag."""
    return str(statuses.status(kind, state).label)


@register.filter
def permille(value: int) -> str:
    """964 → 96.4"""
    return formats.number(value / 10)


@register.filter
def returned_step(steps: tuple[StepView, ...]) -> StepView | None:
    """The last time it was given back."""
    back = [step for step in steps if step.step == "returned"]
    return max(back, key=lambda step: step.at) if back else None


@register.filter
def words(text: str) -> list[str]:
    """A list written as words, for loops in templates."""
    return text.split()


@register.filter
def entry(values: dict[str, object], key: str) -> object:
    """The value under a key that a template only knows at run time; an empty list where there is none."""
    return values.get(key, [])


@register.filter
def grant_word(state: str) -> str:
    """The word of a grant's state."""
    return str(statuses.status("grant", state).label)


@register.filter
def last_step(steps: tuple[StepView, ...]) -> StepView | None:
    """The latest step."""
    return max(steps, key=lambda step: step.at) if steps else None


@register.filter
def round_ms(value: float) -> str:
    """A duration in whole milliseconds; under one, with a decimal."""
    return formats.number(round(value) if value >= 1 else round(value, 1))


@register.simple_tag
def tag_unread() -> SafeString:
    """The tag of a notice that was not read."""
    return format_html('<span class="tag tag-azurite">{}</span>', gettext("new"))
