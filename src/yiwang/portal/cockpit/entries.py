"""The calls behind a number, each with its evidence, as far as the person may read them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from yiwang.blocks.identity.public import Actor
from yiwang.blocks.journal.public import CallView
from yiwang.blocks.registry import public as registry
from yiwang.blocks.registry.public import Figure, Number
from yiwang.portal import formats
from yiwang.portal.cockpit.words import counted_words, naming, period_words, unit_words, value_words
from yiwang.portal.evidence.words import LeafWords, leaf_words
from yiwang.portal.purposes import granted_purposes
from yiwang.vocabulary.evidence import parse_instant


def calls_page(
    request: HttpRequest, me: Actor, system: str, figure: Figure, number: Number, now: datetime
) -> HttpResponse:
    """A page of calls, the latest first. Raises: FigureUnknown, ListBroken."""
    page = registry.entries_behind(
        me, system, figure.id, number.id, now, mark=request.GET.get("mark") or None
    )
    mark, names = registry.mark_after(page), naming(me, figure)
    purposes = granted_purposes(me) if page.calls else {}
    facts = {
        "tab": "home", "now": now, "system": registry.system_of(system),
        "title": figure.title.text(formats.language()), "period": period_words(figure, number),
        "value": value_words(figure, number.value), "unit": unit_words(figure),
        "counted": counted_words(figure, number.counted or 0),
        "dims": [
            (figure.dimension(path).title.text(formats.language()), names.of(figure.dimension(path), value))
            for path, value in number.dims.items()
        ],
        "calls": [_call(one, purposes) for one in page.calls],
        "mark": mark, "next_url": f"?{urlencode({'mark': mark})}", "first": not request.GET.get("mark"),
        "back": reverse("cockpit:figure", args=[system, figure.id]),
    }  # fmt: skip
    return render(request, "cockpit/calls.html", facts)


def _call(one: CallView, purposes: Mapping[str, str]) -> tuple[CallView, LeafWords, str, datetime]:
    words = leaf_words(one.leaf)
    return one, words, purposes.get(words.purpose, words.purpose), parse_instant(one.leaf.time)
