"""The components of the pages as template tags: `{% load ui %}`. docs/reference/components.md shows each of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime

from django import template
from django.forms import BaseForm, BoundField
from django.http import HttpRequest
from django.template.context import RequestContext
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from yiwang.portal import drawings, formats, statuses
from yiwang.portal.agencies import agency_facts, agency_said, name_beyond
from yiwang.portal.clocks import TICK_HEIGHT, DayClock
from yiwang.portal.icons import ICONS
from yiwang.vocabulary.errors import YwError

register = template.Library()

register.filter("day", formats.day)
register.filter("minute", formats.minute)
register.filter("clock_time", formats.clock_time)
register.filter("day_words", formats.day_words)
register.filter("number", formats.number)
register.filter("minutes_of_day", formats.minutes_of_day)
register.filter("of_hundred", formats.of_hundred)
register.filter("error_words", formats.error_words)


def _request(context: RequestContext) -> HttpRequest:
    request = context["request"]
    assert isinstance(request, HttpRequest)
    return request


@register.simple_tag
def icon(name: str, size: str = "", label: str = "") -> SafeString:
    """A Tabler icon. Without a label it is decoration and a word stands beside it."""
    if name not in ICONS:
        raise template.TemplateSyntaxError(f"icon {name!r} is not in yiwang.portal.icons")
    href = f"{static('vendor/icons.svg')}#{name}"
    css = f"icon icon-{size}" if size else "icon"
    if label:
        return format_html(
            '<svg class="{}" role="img" aria-label="{}"><use href="{}"/></svg>', css, label, href
        )
    return format_html(
        '<svg class="{}" aria-hidden="true" focusable="false"><use href="{}"/></svg>', css, href
    )


@register.simple_tag
def pick(zh: str, en: str) -> str:
    """One of two texts that the data carries in both languages; Chinese where there is no English."""
    return formats.pick(zh, en)


@register.simple_tag
def title_of(thing: object) -> str:
    """`title`/`title_en`, `name_zh`/`name_en` or `zh`/`en` of a value, in the language of the page."""
    for zh, en in (("title", "title_en"), ("name_zh", "name_en"), ("zh", "en")):
        if hasattr(thing, zh):
            return formats.pick(str(getattr(thing, zh)), str(getattr(thing, en, "")))
    return str(thing)


@register.filter
def json_text(value: object) -> str:
    """JSON with indentation, for reading."""
    return json.dumps(value, ensure_ascii=False, indent=2)


@register.simple_tag
def large_figure(value: float, unit: str = "") -> SafeString:
    """A live number: large digits, the scale (万, k) and the unit small and grey."""
    shown = formats.figure(value)
    small = " ".join(part for part in (shown.scale, unit) if part)
    return format_html(
        '<span class="figure num">{}</span> <span class="figure-unit">{}</span>', shown.number, small
    )


# marks ----------------------------------------------------------------------------------------------------------


@register.inclusion_tag("components/source_chip.html")
def agency_chip(
    uscc: str, on: date | datetime | None = None, name: str = "", url: str = ""
) -> dict[str, object]:
    """The source of a datum: bar in the colour of the line of business, short name, date."""
    facts = agency_facts(uscc)
    name = name if facts or name else name_beyond(uscc)
    shown = facts.short(formats.language()) if facts else name
    full = facts.name(formats.language()) if facts else name
    return {
        "name": shown or name or uscc,
        "full": full,
        "colour": facts.line.colour if facts else "ink",
        "on": on,
        "url": url,
    }


@register.inclusion_tag("components/source_chip.html")
def chip(
    name: str, colour: str = "ink", on: date | datetime | None = None, url: str = ""
) -> dict[str, object]:
    """A source that is not an agency of this node, with a colour of yiwang.blocks.organisation's lines."""
    return {"name": name, "full": "", "colour": colour, "on": on, "url": url}


@register.inclusion_tag("components/source_chip.html")
def own_words_chip(on: date | datetime | None = None) -> dict[str, object]:
    """The source chip of what the person wrote."""
    return {"name": gettext("You told us"), "full": "", "colour": "ink", "on": on, "url": ""}


@register.simple_tag
def agency_name(uscc: str, fallback: str = "") -> str:
    """Full name of an agency in the language of the page."""
    facts = agency_facts(uscc)
    return facts.name(formats.language()) if facts else fallback or uscc


register.filter("agency_said", agency_said)


@register.simple_tag
def agency_short(uscc: str, fallback: str = "") -> str:
    """Short name of an agency in the language of the page."""
    facts = agency_facts(uscc)
    return facts.short(formats.language()) if facts else fallback or uscc


@register.inclusion_tag("components/day_clock.html")
def day_clock(clock: DayClock, words: str = "full") -> dict[str, object]:
    """The day clock; `words` is full, short or hidden (then the sentence is only its label)."""
    return {
        "clock": clock,
        "words": {"full": clock.words, "short": clock.short, "hidden": ""}[words],
        "height": TICK_HEIGHT,
    }


@register.inclusion_tag("components/why_date.html")
def why_date(ledger: object, heading: str = "") -> dict[str, object]:
    """The ledger of a due date: `ledger.lines` (span, reason, days), `ledger.due`, `ledger.basis`."""
    return {"ledger": ledger, "heading": heading}


BADGES = {"verified": "malachite", "waiting": "gamboge", "mismatch": "cinnabar"}


@register.inclusion_tag("components/evidence_badge.html")
def evidence_badge(log: str, index: int | None, state: str = "verified", url: str = "") -> dict[str, object]:
    """Three joined dots and the number of the leaf. `state`: verified, waiting or mismatch."""
    said = {
        "verified": gettext("Evidence, verified"),
        "waiting": gettext("Evidence, waiting for a time-stamp"),
        "mismatch": gettext("Evidence, digest does not match"),
    }[state]
    if not url and index is not None:
        try:
            url = reverse("evidence:leaf", args=[log, index])
        except NoReverseMatch:
            url = ""
    return {"log": log, "index": index, "tone": BADGES[state], "url": url, "said": said}


@register.simple_tag
def status_tag(kind: str, state: str) -> SafeString:
    """A tag of the closed list in yiwang.portal.statuses."""
    found = statuses.status(kind, state)
    return tag(str(found.label), found.tone, found.dot)


@register.simple_tag
def tag(words: str, tone: str = "grey", dot: bool = False) -> SafeString:
    """A tag with words of its own; states belong to status_tag."""
    return format_html('<span class="tag tag-{}{}">{}</span>', tone, " tag-dot" if dot else "", words)


@register.simple_tag
def call_status(code: int | None) -> SafeString:
    """The HTTP status of a call."""
    return tag(str(code) if code else formats.MISSING, statuses.call_tone(code))


# charts ---------------------------------------------------------------------------------------------------------


@register.inclusion_tag("components/sparkline.html")
def sparkline(values: Sequence[float], label: str, tone: str = "azurite") -> dict[str, object]:
    """A small line; the label says in words what it shows."""
    return {"drawn": drawings.sparkline(values), "label": label, "tone": tone}


@register.inclusion_tag("components/bar.html")
def bar(value: float, whole: float, tone: str = "quiet", label: str = "") -> dict[str, object]:
    """A horizontal bar from nothing to `whole`; its number stands beside it in words."""
    return {"width": drawings.share(value, whole), "tone": tone, "label": label}


@register.inclusion_tag("components/progress.html")
def progress(
    done: int, total: int, unit: str = "", state: str = "running", note: str = ""
) -> dict[str, object]:
    """Counted progress. `state`: running, paused, continuous or done; `note` stands instead of the count."""
    tones = {"running": "azurite", "paused": "gamboge", "continuous": "malachite", "done": "malachite"}
    return {
        "done": done,
        "total": total,
        "unit": unit,
        "note": note,
        "width": drawings.share(done, total),
        "tone": tones[state],
        "state": state,
    }


@register.inclusion_tag("components/bullet.html")
def bullet(
    value: float, target: float, most: float, last_year: float | None = None, label: str = "", tone: str = ""
) -> dict[str, object]:
    """A target: the bar is the value, the black line the target, the circle last year; without a tone more is better."""
    return {
        "width": drawings.share(value, most, 200),
        "target_x": drawings.share(target, most, 200),
        "last_x": None if last_year is None else drawings.share(last_year, most, 200),
        "tone": tone or ("malachite" if value >= target else "gamboge"),
        "label": label,
    }


@register.inclusion_tag("components/chart.html")
def chart(drawn: object) -> dict[str, object]:
    """A `portal.usage.charts.Chart`: its table, which the script draws as lines or bars and folds away."""
    return {"chart": drawn}


@register.inclusion_tag("components/heat.html")
def heat(table: drawings.HeatTable, caption: str, flag_words: str = "") -> dict[str, object]:
    """Department × day, with the numbers in a table behind it."""
    labels = table.labelled
    return {
        "table": table,
        "caption": caption,
        "flag_words": flag_words,
        "heads": [(d, d in labels) for d in table.days],
        "steps": range(8),
        "last": table.days[-1] if table.days else None,
    }


# forms ----------------------------------------------------------------------------------------------------------


@register.inclusion_tag("components/field.html")
def field(bound: BoundField, suffix: str = "", hint: str = "", *, needed: bool = False) -> dict[str, object]:
    """A form field: label, hint, error, control. Optional ones say so, but what is `needed` in its own case."""
    optional = not bound.field.required and not needed
    described = [f"{bound.auto_id}-hint"] if hint or bound.help_text else []
    described += [f"{bound.auto_id}-error"] if bound.errors else []
    attributes: dict[str, str | bool] = {}
    if described:
        attributes["aria-describedby"] = " ".join(described)
    if bound.errors:
        attributes["aria-invalid"] = "true"
    widget = type(bound.field.widget).__name__
    kind = {"CheckboxInput": "tick", "RadioSelect": "choices", "CheckboxSelectMultiple": "choices"}.get(
        widget, "control"
    )
    css = {"Select": "select", "SelectMultiple": "select", "Textarea": "input input-area"}.get(
        widget, "input"
    )
    if kind == "control":
        attributes["class"] = css
    if widget == "Textarea":
        attributes["rows"] = "4"
    return {
        "bound": bound,
        "control": bound.as_widget(attrs=attributes),
        "described": " ".join(described),
        "kind": kind,
        "multiple": widget == "CheckboxSelectMultiple",
        "optional": optional,
        "suffix": suffix,
        "hint": hint or bound.help_text,
    }


@register.inclusion_tag("components/error_summary.html")
def error_summary(form: BaseForm | None) -> dict[str, object]:
    """What is wrong with a form, above it, each line a link to its field."""
    lines: list[tuple[str, str]] = []
    colon = formats.pick("：", ": ")
    if form is not None and form.is_bound:
        for name, errors in form.errors.as_data().items():
            target = (form[name].id_for_label or f"id_{name}") if name in form.fields else ""
            for error in errors:
                # "this is needed" says nothing by itself, away from its field
                head = f"{form[name].label}{colon}" if error.code == "required" and target else ""
                lines += [(target, f"{head}{words}") for words in error.messages]
    return {"lines": lines}


@register.inclusion_tag("components/failure.html")
def failure(error: YwError, request_id: str = "") -> dict[str, object]:
    """An error of the house: what is wrong, what to do, its code last."""
    spoken = formats.language()
    return {
        "title": error.text(spoken),
        "text": error.mend(spoken),
        "code": error.code,
        "request_id": request_id,
    }


@register.filter
def error_text(error: YwError) -> str:
    """What is wrong."""
    return error.text(formats.language())


# lists ----------------------------------------------------------------------------------------------------------


@register.inclusion_tag("components/pagination.html", takes_context=True)
def pagination(context: RequestContext, page: int, pages: int, total: int, shown: int) -> dict[str, object]:
    """Previous and next, and "20 / 1,286"; keeps the rest of the address."""
    query = _request(context).GET.copy()

    def link(number: int) -> str:
        query["page"] = str(number)
        return f"?{query.urlencode()}"

    near = [n for n in range(1, pages + 1) if n in {1, pages} or abs(n - page) <= 2]
    return {
        "page": page,
        "pages": pages,
        "total": total,
        "shown": shown,
        "previous": link(page - 1) if page > 1 else "",
        "next": link(page + 1) if page < pages else "",
        "near": [(n, link(n), i > 0 and n - near[i - 1] > 1) for i, n in enumerate(near)],
    }


@register.inclusion_tag("components/empty.html")
def empty(
    title: str, text: str = "", action: str = "", url: str = "", other: str = "", other_url: str = ""
) -> dict[str, str]:
    """Nothing to show: what was looked for, one alternative, one action."""
    return {
        "title": title,
        "text": text,
        "action": action,
        "url": url,
        "other": other,
        "other_url": other_url,
    }
