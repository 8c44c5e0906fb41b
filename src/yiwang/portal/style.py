"""Invented values for the style page, which shows every component once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from yiwang.portal import statuses
from yiwang.portal.clocks import DayClock
from yiwang.portal.drawings import heat_table
from yiwang.portal.ledgers import Ledger, Line


class SampleForm(forms.Form):
    """One field of each kind, one of them wrong."""

    phone = forms.RegexField(
        r"^\d{11}$", label=gettext_lazy("Mobile phone"),
        error_messages={"invalid": gettext_lazy("A mobile number has 11 digits; one is missing.")},
    )  # fmt: skip
    reason = forms.CharField(
        label=gettext_lazy("Reason"), required=False, widget=forms.Textarea,
        help_text=gettext_lazy("The other side reads this."),
    )  # fmt: skip
    mode = forms.ChoiceField(
        label=gettext_lazy("How"), widget=forms.RadioSelect,
        choices=(("query", gettext_lazy("Look up records")), ("verify", gettext_lazy("Check yes or no only"))),
    )  # fmt: skip
    cycle = forms.ChoiceField(
        label=gettext_lazy("Period"),
        choices=(("90", gettext_lazy("Three months")), ("365", gettext_lazy("A year"))),
    )
    consent = forms.BooleanField(label=gettext_lazy("I have read the terms"))


@dataclass(frozen=True)
class Swatch:
    """A colour of the house."""

    name: str
    token: str
    use: str


def samples() -> dict[str, object]:
    """Everything the template draws."""
    today = timezone.localdate()
    form = SampleForm({"phone": "1390000417", "mode": "query", "cycle": "90"})
    form.is_valid()
    counts = [
        (name, {today - timedelta(days=d): _wave(row, d, today) for d in range(28)})
        for row, name in enumerate((gettext("Public security"), gettext("Civil affairs"), gettext("Housing")))
    ]
    return {
        "tab": "style",
        "today": today,
        "clocks": (
            DayClock(10, 7), DayClock(10, 2), DayClock(10, 0), DayClock(10, -3),
            DayClock(10, 6, held=3, paused=True), DayClock(10, 4, done=True), DayClock(10, 10, started=False),
            DayClock(60, 41),
        ),
        "swatches": (
            Swatch("墨 ink", "ink-900", gettext("text")), Swatch("淡墨 ink", "ink-600", gettext("secondary text")),
            Swatch("石青 azurite", "azurite-600", gettext("main colour, links")),
            Swatch("石青 azurite", "azurite-50", gettext("selected")),
            Swatch("石绿 malachite", "malachite-600", gettext("done, verified")),
            Swatch("藤黄 gamboge", "gamboge-500", gettext("due soon")),
            Swatch("朱砂 cinnabar", "cinnabar-600", gettext("overdue, failed")),
            Swatch("黛紫 violet", "violet-600", gettext("sensitive personal data")),
            Swatch("纸 wash", "wash", gettext("page ground")),
        ),
        "statuses": [(kind, list(states)) for kind, states in statuses.STATUSES.items()],
        "form": form,
        "ledger": Ledger(
            due=today + timedelta(days=10),
            basis=gettext("working calendar of the year"),
            lines=(
                Line("11-04", gettext("Received; counting starts the next day"), gettext("day 0")),
                Line("11-05 – 11-11", gettext("In hand"), "1–5"),
                Line("11-12 – 11-16", gettext("Waiting for a correction, not counted"), "–", held=True),
            ),
            conclusion=gettext("Working day 10 is the day it is due"),
            note=gettext("A new correction would move it"),
        ),
        "series": [12, 15, 14, 19, 22, 18, 25, 24, 31],
        "heat": heat_table(counts, today, 28, gettext("calls"), frozenset({(counts[1][0], today - timedelta(days=5))})),
        "sample_code": 'from yiwang.client import Client\n\nanswer = Client.from_profile("x").query("306012004/418")\n',
    }  # fmt: skip


def _wave(row: int, back: int, today: date) -> int:
    weekday = (today - timedelta(days=back)).weekday()
    return (40 - row * 11) * (1 if weekday < 5 else 0) * (5 + (back * 7 + row) % 5)
