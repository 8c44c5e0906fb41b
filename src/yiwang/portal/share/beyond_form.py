"""The forms of resources of other nodes: a request, a dispute, its answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django import forms
from django.utils.translation import gettext_lazy as _

from yiwang.blocks.cascade.public import DisputeForm, EntryBody
from yiwang.blocks.exchange.public import Delivery, LookupForm, Mode, Purpose, RequestInput
from yiwang.portal import formats
from yiwang.portal.share import wording
from yiwang.portal.share.delivering import add_delivery, delivery_of, initial_delivery
from yiwang.vocabulary.delivering import WAYS
from yiwang.vocabulary.forms import Problem


class Blamed(forms.Form):
    """A form that takes over what a block found wrong."""

    def blame(self, problems: Iterable[Problem]) -> None:
        """Put each problem beside its field."""
        for problem in problems:
            place = {"fields": "fields_", "key": "key_value"}.get(problem.where, problem.where)
            self.add_error(place if place in self.fields else None, formats.pick(problem.zh, problem.en))


MODES: tuple[Mode, ...] = ("query", "table", "file")
"""Ways in which a resource of another node may be used here."""


class AskFields(Blamed):
    """What is asked of another node."""

    modes = forms.MultipleChoiceField(label=_("How"), required=False, widget=forms.CheckboxSelectMultiple)
    fields_ = forms.MultipleChoiceField(label=_("Items"), widget=forms.CheckboxSelectMultiple)
    lookups = forms.MultipleChoiceField(label=_("Look up by"), widget=forms.CheckboxSelectMultiple)
    purposes = forms.CharField(
        label=_("Code of the service item"), max_length=60, help_text=_("Such as 000111004000.")
    )
    purpose_title = forms.CharField(label=_("Name of the service item"), max_length=120)
    reason = forms.CharField(label=_("What for"), max_length=2000, widget=forms.Textarea)
    calls_per_day = forms.IntegerField(
        label=_("How often a day"), min_value=1, max_value=1_000_000, initial=1000
    )
    days = forms.IntegerField(label=_("For how many days"), min_value=1, max_value=365, initial=365)

    def __init__(self, body: EntryBody, data: object = None, before: RequestInput | None = None) -> None:
        """The ways and items that the owner serves are offered; `before`: a request whose words are kept."""
        super().__init__(data=data, initial=_kept(before) if before else None)  # type: ignore[arg-type]
        self.offered = tuple(mode for mode in MODES if mode in body.modes)
        _offer(self.fields["modes"], [(mode, str(wording.MODES[mode])) for mode in self.offered], None)
        if len(self.offered) == 1:
            del self.fields["modes"]
        served = [item for item in body.items if item.served]
        words = [(item.name, formats.pick(item.title, item.title_en)) for item in served]
        narrow = [(item.name, formats.pick(item.title, item.title_en)) for item in served if item.operators]
        key = [item.name for item in served if item.narrows]
        _offer(self.fields["fields_"], words, [])
        _offer(self.fields["lookups"], narrow, key)
        if before is not None:
            _offer(self.fields["fields_"], words, list(before.fields))
            _offer(self.fields["lookups"], narrow, [one.name for one in before.lookups])
        # whoever asks for files alone chooses no items, and whoever asks for whole tables no look-ups
        self.fields["fields_"].required = "file" not in self.offered
        self.fields["lookups"].required = self.offered == ("query",)
        if "table" in self.offered:
            add_delivery(self.fields, Delivery(WAYS, "hourly"))
            self.fields["ways"].help_text = _(
                "Each change as it happens cannot be had from another node, neither captured nor by subscription."
            )
            self.initial.update(initial_delivery(before.delivery if before else None))
        if self.offered == ("file",):
            del self.fields["fields_"], self.fields["lookups"]

    def wish(self) -> RequestInput:
        """What the block takes; only of a valid form."""
        got = self.cleaned_data
        modes = self.offered
        if "modes" in self.fields:
            modes = tuple(mode for mode in self.offered if mode in got["modes"])
        return RequestInput(
            reason=got["reason"], modes=modes,
            fields=tuple(got["fields_"]) if {"query", "table"} & set(modes) else (),
            lookups=tuple(LookupForm(name) for name in got["lookups"]) if "query" in modes else (),
            delivery=delivery_of(got) if "table" in modes else None,
            purposes=(Purpose(f"item:{got['purposes'].strip()}", got["purpose_title"].strip()),),
            calls_per_day=got["calls_per_day"], days=got["days"],
        )  # fmt: skip


class DisputeFields(Blamed):
    """Which row and field are wrong."""

    key_name = forms.ChoiceField(label=_("The row is named by"))
    key_value = forms.CharField(label=_("Its value"), max_length=200)
    field = forms.ChoiceField(label=_("The item that is wrong"))
    given = forms.CharField(label=_("Value received"), max_length=200, required=False)
    proposed = forms.CharField(label=_("Right value, where you know it"), max_length=200, required=False)
    reason = forms.CharField(label=_("How you know"), max_length=2000, widget=forms.Textarea)

    def __init__(
        self, items: Sequence[tuple[str, str]], data: object = None, begun: dict[str, str] | None = None
    ) -> None:
        """`items`: names and titles; `begun`: what is known of the row already."""
        super().__init__(data=data, initial=begun)  # type: ignore[arg-type]
        for name in ("key_name", "field"):
            _offer(self.fields[name], items, None)

    def form(self) -> DisputeForm:
        """What the block takes; only of a valid form."""
        got = self.cleaned_data
        return DisputeForm(
            got["field"], {got["key_name"]: got["key_value"]}, got["given"], got["proposed"], got["reason"]
        )


class AnswerFields(Blamed):
    """What the provider found."""

    outcome = forms.ChoiceField(
        label=_("Outcome"), widget=forms.RadioSelect,
        choices=(("accepted", _("It was wrong and is corrected")), ("upheld", _("It is right"))),
    )  # fmt: skip
    value = forms.CharField(label=_("Corrected value"), max_length=200, required=False)
    text = forms.CharField(label=_("What was found"), max_length=2000, widget=forms.Textarea)


def _kept(before: RequestInput) -> dict[str, object]:
    purpose = before.purposes[0] if before.purposes else Purpose("", "")
    return {
        "modes": list(before.modes), "purposes": purpose.code.removeprefix("item:"), "purpose_title": purpose.title,
        "reason": before.reason,
        "calls_per_day": before.calls_per_day, "days": before.days,
    }  # fmt: skip


def _offer(field: forms.Field, choices: Sequence[tuple[str, str]], chosen: list[str] | None) -> None:
    if isinstance(field, forms.ChoiceField):
        field.choices = list(choices)
        field.initial = chosen
