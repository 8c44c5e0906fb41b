"""The form of an old client: who, from where, until when, and what each of its services means."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Final

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yiwang.blocks.exchange import public as exchange
from yiwang.portal import formats
from yiwang.vocabulary.errors import YwError

DIALECTS = (("gjgxjhpt", "gjgxjhpt_rid / sid / rtime / sign"), ("gateway", "gateway_appid / rtime / sig"))
SPARE: Final = 2
"""Empty lines for services below those that are filled in."""
MOST: Final = 50
PARTS: Final = ("service", "grant", "purpose", "parameters")


class EdgeFields(forms.Form):
    """An old client. Services stand in lines of four boxes, named `service_0` and so on."""

    dialect = forms.ChoiceField(label=_("Header dialect"), choices=DIALECTS)
    requester = forms.CharField(
        label=_("Its id"), max_length=128, help_text=_("What it sends as gjgxjhpt_rid or gateway_appid.")
    )
    secret = forms.CharField(
        label=_("Shared secret"), max_length=200, required=False, strip=True,
        help_text=_("Only if it must keep its old one; otherwise one is made and shown once."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip
    addresses = forms.CharField(
        label=_("Addresses it calls from"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("IP addresses or networks up to /24, as this gateway sees them."),
    )  # fmt: skip
    sunset = forms.DateField(
        label=_("Last day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("At most two years ahead; from the next day on it is refused."),
    )

    def __init__(self, view: exchange.EdgeView | None, data: QueryDict | None = None) -> None:
        """`view`: the client that is changed."""
        super().__init__(data=data, initial=_initial(view))
        self.view = view
        kept = len(view.services) if view is not None else 0
        typed = sum(1 for n in range(MOST) if data is not None and f"service_{n}" in data)
        self.count = min(MOST, max(kept + SPARE, typed, 1 + SPARE))
        for number in range(self.count):
            for part, label in zip(PARTS, _labels(), strict=True):
                self.fields[f"{part}_{number}"] = forms.CharField(label=label, max_length=500, required=False)
        if view is not None:
            for name in ("dialect", "requester", "secret"):
                del self.fields[name]

    @property
    def lines(self) -> list[tuple[int, list[forms.BoundField]]]:
        """The boxes of each line, counted from 1."""
        return [(n + 1, [self[f"{part}_{n}"] for part in PARTS]) for n in range(self.count)]

    def wish(self) -> exchange.EdgeForm:
        """The client as the exchange takes it; only of a valid form."""
        got = self.cleaned_data
        last = got["sunset"]
        return exchange.EdgeForm(
            dialect=str(got.get("dialect", "")),
            requester=str(got.get("requester", "")).strip(),
            addresses=str(got["addresses"]),
            sunset=_end_of(last) if isinstance(last, date) else None,
            services=tuple(exchange.EdgeServiceForm(*one) for _at, one in self._filled()),
            secret=str(got.get("secret", "")),
        )

    def blame(self, error: YwError) -> None:
        """Put what went wrong beside its field; what belongs to none stands above the form."""
        if not isinstance(error, exchange.FormInvalid):
            language = formats.language()
            place = "requester" if error.code == "edge-requester-taken" else None
            self.add_error(place, f"{error.text(language)} {error.mend(language)}")
            return
        places = [at for at, _one in self._filled()] or [0]
        for problem in error.problems:
            where: str | None = problem.where
            if problem.where.startswith("services."):
                _services, number, part = problem.where.split(".")
                where = f"{part}_{places[min(int(number), len(places) - 1)]}"
            self.add_error(where if where in self.fields else None, formats.pick(problem.zh, problem.en))

    def _filled(self) -> list[tuple[int, tuple[str, str, str, str]]]:
        """The lines in which something stands, with their places."""
        found = []
        for n in range(self.count):
            service, grant, purpose, parameters = (
                str(self.cleaned_data.get(f"{part}_{n}", "")).strip() for part in PARTS
            )
            if service or grant or purpose or parameters:
                found.append((n, (service, grant, purpose, parameters)))
        return found


def _labels() -> tuple[str, str, str, str]:
    return (gettext("Old service id"), gettext("Grant"), gettext("Purpose"), gettext("Parameters"))


def _end_of(day: date) -> datetime:
    """The last moment of a day in the zone of the pages."""
    return timezone.make_aware(datetime.combine(day, time(23, 59, 59)))


def _initial(view: exchange.EdgeView | None) -> dict[str, object]:
    if view is None:
        return {}
    found: dict[str, object] = {
        "addresses": "\n".join(view.addresses),
        "sunset": formats.local(view.sunset_at).date(),
    }
    for number, one in enumerate(view.services):
        found[f"service_{number}"] = one.service
        found[f"grant_{number}"] = one.grant
        found[f"purpose_{number}"] = one.purpose
        found[f"parameters_{number}"] = ", ".join(f"{old}={item}" for old, item in one.fields.items())
    return found
