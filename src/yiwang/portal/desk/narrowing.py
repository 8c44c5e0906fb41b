"""The provider's decision form: every part of the request, to be given as asked or narrower, never wider."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec
from django import forms
from django.forms import BoundField
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yiwang.blocks.catalogue.public import MASKS, ItemDraft
from yiwang.blocks.exchange import public as exchange
from yiwang.portal import formats
from yiwang.portal.purposes import purpose_names
from yiwang.portal.share import wording
from yiwang.portal.share.delivering import add_delivery, delivery_of, initial_delivery
from yiwang.portal.share.facts import titles_of
from yiwang.portal.share.forms import HALF_HOURS
from yiwang.vocabulary.errors import YwError

ROWS = 2
LIMITS = ("calls_per_day", "subjects_per_day", "rows_per_call", "attempts_per_subject", "days")
_BY_TYPE: dict[str, tuple[str, ...]] = {
    "id_number": ("text",), "name": ("text",), "phone": ("text",), "address": ("text",), "email": ("text",),
    "bank_account": ("text",), "last_four": ("text",), "year_only": ("date", "datetime"),
}  # fmt: skip
_PLACES = {"predicates": "lookups", "required": "lookups", "hours": "hour_from", "rows": "row_value_0"}


@dataclass(frozen=True)
class FieldRow:
    """An item asked for: whether it is given, and how it is masked."""

    name: str
    title: str
    item: ItemDraft | None
    asked_mask: str | None
    given: bool
    mask: BoundField


@dataclass(frozen=True)
class LookupRow:
    """A field that may be looked up by, and whether that stays."""

    name: str
    title: str
    operators: tuple[str, ...]
    required: bool
    given: bool


def mask_choices(item: ItemDraft | None, asked: str | None) -> list[tuple[str, str]]:
    """Masks that fit the item's type; the one asked for stands even where it no longer fits."""
    kind = item.type if item else "text"
    fits = [name for name in MASKS if kind in _BY_TYPE.get(name, (kind,))]
    if asked and asked not in fits:
        fits.append(asked)
    shown = [(name, formats.pick(MASKS[name].zh, MASKS[name].en)) for name in fits if name in MASKS]
    return [("", gettext("in full")), *shown]


class Narrowing(forms.Form):
    """What is given of what was asked for."""

    def __init__(self, view: exchange.RequestView, data: object = None) -> None:
        terms = view.terms
        super().__init__(data=data, initial=_initial(terms))  # type: ignore[arg-type]
        self.view = view
        self.titles = titles_of(view.options)
        self.items = {option.item.wire: option.item for option in view.options}
        self._add_choice("modes", _("How"), [(mode, str(wording.MODES[mode])) for mode in terms.modes])
        self._add_choice("purposes", _("Purpose"), [(p.code, p.title) for p in purpose_names(terms.purposes)])
        self._add_choice("fields", _("Items to give"), self._named(field.name for field in terms.fields))
        self._add_choice("claims", _("Items to check"), self._named(terms.claims))
        self._add_choice("lookups", _("Look up by"), self._named(p.name for p in terms.predicates))
        if terms.delivery is not None:
            add_delivery(self.fields, terms.delivery)
        for field in terms.fields:
            self.fields[f"mask_{field.name}"] = forms.ChoiceField(
                label=self.titles.get(field.name, field.name), required=False,
                choices=mask_choices(self.items.get(field.name), field.mask),
                widget=forms.Select(attrs={"class": "select input-s"}),
            )  # fmt: skip
        self.fields["mask_reason"] = forms.CharField(
            label=_("Why a mask is lifted"), required=False, max_length=1000,
            help_text=_("Needed when an item is given more openly than asked. It stands in the record."),
        )  # fmt: skip
        self._add_limits(terms)
        self._add_rows()
        self.fields["text"] = forms.CharField(
            label=_("Note to the consumer"), required=False, max_length=2000, widget=forms.Textarea
        )

    def _add_choice(self, name: str, label: object, choices: list[tuple[str, str]]) -> None:
        self.fields[name] = forms.MultipleChoiceField(
            label=str(label), choices=choices, required=False, widget=forms.CheckboxSelectMultiple
        )

    def _named(self, names: Iterable[str]) -> list[tuple[str, str]]:
        return [(name, self.titles.get(name, name)) for name in names]

    def _add_limits(self, terms: exchange.Terms) -> None:
        labels = {
            "calls_per_day": _("Calls a day"), "subjects_per_day": _("Different people or organisations a day"),
            "rows_per_call": _("Rows a call"), "attempts_per_subject": _("Checks a day about one person"),
            "days": _("Valid for days"),
        }  # fmt: skip
        for name in LIMITS:
            asked = int(getattr(terms, name))
            hint = gettext("asked: %(n)s") % {"n": formats.number(asked)}
            self.fields[name] = forms.IntegerField(
                label=labels[name], min_value=1, max_value=asked, help_text=hint,
                error_messages={"max_value": _("It cannot be more than asked: %(limit_value)s.")},
            )  # fmt: skip
        times = [("", gettext("all day")), *((str(m), f"{m // 60:02d}:{m % 60:02d}") for m in HALF_HOURS)]
        self.fields["hour_from"] = forms.ChoiceField(label=_("From"), choices=times, required=False)
        self.fields["hour_to"] = forms.ChoiceField(label=_("Until"), choices=times, required=False)
        self.fields["workdays_only"] = forms.BooleanField(label=_("On working days only"), required=False)
        self.fields["case_required"] = forms.BooleanField(
            label=_("Each call names the case number"), required=False
        )

    def _add_rows(self) -> None:
        served = [(o.item.wire, self.titles[o.item.wire]) for o in self.view.options if o.served]
        for i in range(ROWS):
            self.fields[f"row_field_{i}"] = forms.ChoiceField(
                label=_("Only rows where"), choices=[("", "—"), *served], required=False
            )
            self.fields[f"row_operator_{i}"] = forms.ChoiceField(
                label=_("compares"), choices=list(wording.OPERATORS.items()), required=False
            )
            self.fields[f"row_value_{i}"] = forms.CharField(label=_("Value"), required=False, max_length=200)

    def field_rows(self) -> list[FieldRow]:
        """The items asked for, as the page draws them."""
        ticked = set(map(str, self["fields"].value() or []))
        return [
            FieldRow(f.name, self.titles.get(f.name, f.name), self.items.get(f.name), f.mask, f.name in ticked,
                     self[f"mask_{f.name}"])
            for f in self.view.terms.fields
        ]  # fmt: skip

    def lookup_rows(self) -> list[LookupRow]:
        """The look-ups asked for, as the page draws them."""
        ticked = set(map(str, self["lookups"].value() or []))
        required = self.view.terms.required
        return [
            LookupRow(p.name, self.titles.get(p.name, p.name), p.operators, p.name in required, p.name in ticked)
            for p in self.view.terms.predicates
        ]  # fmt: skip

    def row_fields(self) -> list[list[BoundField]]:
        """The boxes of the further row conditions."""
        return [[self[f"row_{part}_{i}"] for part in ("field", "operator", "value")] for i in range(ROWS)]

    @property
    def fields_errors(self) -> list[str]:
        """What is wrong with the items ticked."""
        return [str(error) for error in self.errors.get("fields", [])]

    @property
    def has_masks(self) -> bool:
        """Whether a mask could be lifted at all."""
        return any(field.mask for field in self.view.terms.fields)

    @property
    def narrowed(self) -> bool:
        """Whether rows or hours are narrowed, so that the part is shown open."""
        names = [f"row_field_{i}" for i in range(ROWS)] + ["hour_from"]
        return any(self[name].value() or self[name].errors for name in names) or bool(
            self["workdays_only"].value()
        )

    def clean(self) -> dict[str, object]:
        """What has to remain for the grant to be of use."""
        cleaned: dict[str, object] = super().clean() or self.cleaned_data
        asked = self.view.terms
        if not self._names("modes"):
            self.add_error("modes", gettext("Leave one way, or refuse."))
        if not self._names("purposes"):
            self.add_error("purposes", gettext("Leave one purpose, or refuse."))
        if {"query", "table"} & set(self._names("modes")) and not self._names("fields"):
            self.add_error("fields", gettext("Leave one item, or refuse."))
        if "table" in self._names("modes") and not self._names("ways"):
            self.add_error("ways", gettext("Leave one way, or refuse."))
        if "verify" in self._names("modes") and not self._names("claims"):
            self.add_error("claims", gettext("Leave one item to check, or refuse."))
        called = self._names("modes") != ["table"]
        if called and asked.required and not set(asked.required) & set(self._names("lookups")):
            names = "、".join(self.titles.get(name, name) for name in asked.required)
            self.add_error(
                "lookups",
                gettext("Leave one of these: %(names)s. Without it anybody's data could be harvested.")
                % {"names": names},
            )
        if bool(cleaned.get("hour_from")) != bool(cleaned.get("hour_to")):
            self.add_error("hour_to", gettext("Give both hours, or neither."))
        for i in range(ROWS):
            if cleaned.get(f"row_field_{i}") and not str(cleaned.get(f"row_value_{i}") or "").strip():
                self.add_error(f"row_value_{i}", gettext("Give the value of the condition."))
        lifted = [
            f.name
            for f in asked.fields
            if f.mask and f.name in self._names("fields") and not cleaned.get(f"mask_{f.name}")
        ]
        if lifted and not str(cleaned.get("mask_reason") or "").strip():
            names = "、".join(self.titles.get(name, name) for name in lifted)
            self.add_error("mask_reason", gettext("Say why %(names)s is given in full.") % {"names": names})
        return cleaned

    def _names(self, name: str) -> list[str]:
        value = self.cleaned_data.get(name)
        return [str(one) for one in value] if isinstance(value, list) else []

    def approval(self) -> exchange.Approval:
        """The decision as the exchange takes it; only of a valid form."""
        asked = self.view.terms
        given = msgspec.structs.replace(
            asked,
            modes=tuple(mode for mode in asked.modes if mode in self._names("modes")),
            purposes=tuple(p for p in asked.purposes if p.code in self._names("purposes")),
            fields=tuple(self._fields()),
            claims=tuple(name for name in asked.claims if name in self._names("claims")),
            predicates=tuple(p for p in asked.predicates if p.name in self._names("lookups")),
            required=tuple(name for name in asked.required if name in self._names("lookups")),
            rows=(*asked.rows, *self._rows()),
            case_required=asked.case_required or bool(self.cleaned_data["case_required"]),
            workdays_only=asked.workdays_only or bool(self.cleaned_data["workdays_only"]),
            hours=self._hours(),
            delivery=delivery_of(self.cleaned_data) if "table" in self._names("modes") else None,
            **{name: int(self.cleaned_data[name]) for name in LIMITS},
        )
        return exchange.Approval(
            text=str(self.cleaned_data["text"] or ""),
            terms=None if given == asked else given,
            mask_reason=str(self.cleaned_data["mask_reason"] or ""),
        )

    def _fields(self) -> Iterable[exchange.GrantedField]:
        for field in self.view.terms.fields:
            if field.name in self._names("fields") and {"query", "table"} & set(self._names("modes")):
                yield exchange.GrantedField(field.name, str(self.cleaned_data[f"mask_{field.name}"]) or None)

    def _hours(self) -> tuple[int, int] | None:
        start, end = str(self.cleaned_data["hour_from"]), str(self.cleaned_data["hour_to"])
        return (int(start), int(end)) if start and end else None

    def _rows(self) -> Iterable[exchange.RowCondition]:
        for i in range(ROWS):
            name = str(self.cleaned_data[f"row_field_{i}"] or "")
            if not name:
                continue
            text = str(self.cleaned_data[f"row_value_{i}"]).strip()
            match str(self.cleaned_data[f"row_operator_{i}"]):
                case "in":
                    parts = tuple(part.strip() for part in text.replace("，", ",").split(",") if part.strip())
                    yield exchange.RowCondition(name, "in", parts)
                case "prefix":
                    yield exchange.RowCondition(name, "prefix", text)
                case "gte":
                    yield exchange.RowCondition(name, "gte", text)
                case "lte":
                    yield exchange.RowCondition(name, "lte", text)
                case _:
                    yield exchange.RowCondition(name, "eq", text)

    def blame(self, error: YwError) -> bool:
        """Put a refusal of the exchange beside the field it is about; False when it is about none."""
        if isinstance(error, exchange.FormInvalid):
            for problem in error.problems:
                head = problem.where.partition(".")[0]
                name = _PLACES.get(head, head)
                words = formats.pick(problem.zh, problem.en)
                self.add_error(name if name in self.fields else None, words)
            return True
        places = {"mask-reason-missing": "mask_reason", "grant-wider": None, "step-reason-missing": "text"}
        if error.code not in places:
            return False
        self.add_error(places[error.code], error.text(formats.language()))
        return True


def _initial(terms: exchange.Terms) -> dict[str, object]:
    values: dict[str, object] = {
        "modes": list(terms.modes),
        "purposes": [p.code for p in terms.purposes],
        "fields": [field.name for field in terms.fields],
        "claims": list(terms.claims),
        "lookups": [p.name for p in terms.predicates],
        "workdays_only": terms.workdays_only,
        "case_required": terms.case_required,
        **{name: getattr(terms, name) for name in LIMITS},
        **{f"mask_{field.name}": field.mask or "" for field in terms.fields},
        **initial_delivery(terms.delivery),
    }
    if terms.hours:
        values |= {"hour_from": str(terms.hours[0]), "hour_to": str(terms.hours[1])}
    return values
