"""Words and form fields of whole tables: the ways they are delivered in, and how often."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from yiwang.blocks.exchange import public as exchange
from yiwang.vocabulary.delivering import FREQUENCIES as FROM_SELDOM
from yiwang.vocabulary.delivering import Frequency, GrantedWay

WAYS: dict[GrantedWay, str | Promise] = {
    "full": _("Whole table each time"),
    "incremental": _("Only what is new or changed"),
    "diff": _("Compared row by row, deletions found"),
    "changes": _("Each change as it happens, by subscription or job"),
}
FREQUENCIES: dict[Frequency, str | Promise] = {
    "once": _("Once"),
    "monthly": _("Once a month"),
    "weekly": _("Once a week"),
    "daily": _("Once a day"),
    "hourly": _("Once an hour"),
}


def add_delivery(fields: dict[str, forms.Field], asked: exchange.Delivery | None = None) -> None:
    """Boxes for ways and frequency; `asked` leaves those that are not wider than it."""
    ways = [(way, words) for way, words in WAYS.items() if asked is None or way in asked.ways]
    most = len(FREQUENCIES) if asked is None else FROM_SELDOM.index(asked.frequency) + 1
    fields["ways"] = forms.MultipleChoiceField(
        label=_("How the table is delivered"),
        choices=ways,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    fields["frequency"] = forms.ChoiceField(
        label=_("How often at most"), choices=list(FREQUENCIES.items())[:most], required=False
    )


def delivery_of(cleaned: Mapping[str, object]) -> exchange.Delivery:
    """What was ticked; only of a valid form."""
    ticked = cleaned.get("ways")
    chosen = set(map(str, ticked)) if isinstance(ticked, Iterable) else set()
    wanted = str(cleaned.get("frequency") or "daily")
    return exchange.Delivery(
        tuple(way for way in WAYS if way in chosen), next(one for one in FREQUENCIES if one == wanted)
    )


def initial_delivery(delivery: exchange.Delivery | None) -> dict[str, object]:
    """First values of the boxes."""
    if delivery is None:
        return {"ways": ["full"], "frequency": "daily"}
    return {"ways": list(delivery.ways), "frequency": delivery.frequency}
