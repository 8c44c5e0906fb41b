"""The request form: what a person fills, and the value the exchange takes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Literal

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yiwang.blocks.exchange import public as exchange
from yiwang.portal import formats
from yiwang.portal.share import wording
from yiwang.portal.share.delivering import add_delivery, delivery_of, initial_delivery
from yiwang.portal.share.wishing import PURPOSES, WishFields
from yiwang.vocabulary.forms import Problem

Operator = Literal["eq", "in", "prefix", "gte", "lte"]
_OPERATORS: dict[str, Operator] = {"eq": "eq", "in": "in", "prefix": "prefix", "gte": "gte", "lte": "lte"}
ROWS = 2
"""Fixed row conditions that the form has room for."""
HOWS: dict[str, tuple[Operator, ...]] = {
    "eq": ("eq",),
    "in": ("eq", "in"),
    "prefix": ("eq", "prefix"),
    "range": ("eq", "gte", "lte"),
}
"""Ways of looking up that the form offers, and the operators behind each."""
HOW_WORDS = {
    "eq": _("equals"),
    "in": _("equals, or one of a list"),
    "prefix": _("equals, or begins with"),
    "range": _("equals, or from–to"),
}
HALF_HOURS = tuple(range(0, 24 * 60 + 1, 30))
_PLACES = {
    "predicates": "lookups",
    "required": "lookups",
    "hours": "hour_from",
    "title": "reason",
}
"""Names of the exchange's problems that are another word on the form."""


def hows_of(option: exchange.FieldOption) -> list[tuple[str, str]]:
    """Which ways of looking up an item offers."""
    return [
        (name, str(HOW_WORDS[name]))
        for name, operators in HOWS.items()
        if set(operators) <= set(option.operators)
    ]


def how_of(operators: Iterable[str]) -> str:
    """The way that stands for a set of operators."""
    given = set(operators)
    for name in ("range", "prefix", "in"):
        if set(HOWS[name]) - {"eq"} <= given:
            return name
    return "eq"


class RequestFields(WishFields):
    """Everything that a request says. Which items there are depends on the resource."""

    def __init__(
        self,
        ask: exchange.RequestForm,
        today: date,
        data: object = None,
        initial: dict[str, object] | None = None,
    ) -> None:
        super().__init__(data=data, initial=initial or {})  # type: ignore[arg-type]
        self.ask = ask
        wires = [(option.item.wire, option.item.title) for option in ask.options if option.served]
        add = self.fields
        self.add_wish(today, ask.longest_days)
        add["modes"] = forms.MultipleChoiceField(
            label=_("How"), choices=[(mode, wording.MODES[mode]) for mode in ask.modes],
            widget=forms.CheckboxSelectMultiple,
            help_text=_("Checking answers yes or no and shows no record. Ask for looking up only where you need it."),
            error_messages={"required": _("Choose at least one way.")},
        )  # fmt: skip
        add["fields"] = forms.MultipleChoiceField(label=_("Items to receive"), choices=wires, required=False)
        add["lookups"] = forms.MultipleChoiceField(label=_("Look up by"), choices=wires, required=False)
        claims = [(option.item.wire, option.item.title) for option in ask.options if option.claim]
        add["claims"] = forms.MultipleChoiceField(label=_("Items to check"), choices=claims, required=False)
        for option in ask.options:
            if option.operators:
                add[f"how_{option.item.wire}"] = forms.ChoiceField(
                    label=option.item.title, choices=hows_of(option), required=False
                )
        if "table" in ask.modes:
            add_delivery(add)
        self._add_limits(wires)

    def _add_limits(self, wires: list[tuple[str, str]]) -> None:
        add = self.fields
        add["workdays_only"] = forms.BooleanField(label=_("On working days only"), required=False)
        times = [("", gettext("all day")), *((str(m), f"{m // 60:02d}:{m % 60:02d}") for m in HALF_HOURS)]
        add["hour_from"] = forms.ChoiceField(label=_("From"), choices=times, required=False)
        add["hour_to"] = forms.ChoiceField(label=_("Until"), choices=times, required=False)
        for i in range(ROWS):
            add[f"row_field_{i}"] = forms.ChoiceField(
                label=_("Only rows where"), choices=[("", "—"), *wires], required=False
            )
            add[f"row_operator_{i}"] = forms.ChoiceField(
                label=_("compares"), choices=list(wording.OPERATORS.items()), required=False
            )
            add[f"row_value_{i}"] = forms.CharField(label=_("Value"), required=False, max_length=200)

    def clean(self) -> dict[str, object]:
        """What only this form can know; the exchange checks the rest."""
        cleaned: dict[str, object] = super().clean() or self.cleaned_data
        self.check_purposes(cleaned)
        if {"query", "table"} & set(self._names("modes")) and not cleaned.get("fields"):
            self.add_error("fields", gettext("Choose the items to receive."))
        if "verify" in self._names("modes") and not cleaned.get("claims"):
            self.add_error("claims", gettext("Choose the items to check."))
        if "table" in self._names("modes") and not cleaned.get("ways"):
            self.add_error("ways", gettext("Choose how the table is delivered."))
        if not cleaned.get("lookups") and {"query", "verify"} & set(self._names("modes")):
            self.add_error("lookups", gettext("Choose at least one item to look up by."))
        if bool(cleaned.get("hour_from")) != bool(cleaned.get("hour_to")):
            self.add_error("hour_to", gettext("Give both hours, or neither."))
        return cleaned

    def wish(self) -> exchange.RequestInput:
        """The request as the exchange takes it; only of a valid form."""
        modes = tuple(mode for mode in self.ask.modes if mode in self._names("modes"))
        hours = (self._text("hour_from"), self._text("hour_to"))
        return exchange.RequestInput(
            reason=self._text("reason"),
            modes=modes,
            fields=tuple(self._names("fields")) if {"query", "table"} & set(modes) else (),
            lookups=tuple(
                exchange.LookupForm(name, HOWS[self._text(f"how_{name}") or "eq"])
                for name in self._names("lookups")
                if modes != ("table",)
            ),
            purposes=tuple(self.purposes()),
            claims=tuple(self._names("claims")) if "verify" in modes else (),
            rows=tuple(self._rows()),
            case_required=bool(self.cleaned_data["case_required"]),
            rows_per_call=self._number("rows_per_call"),
            calls_per_day=self._number("calls_per_day"),
            subjects_per_day=self._number("subjects_per_day"),
            attempts_per_subject=self._number("attempts_per_subject"),
            hours=(int(hours[0]), int(hours[1])) if all(hours) else None,
            workdays_only=bool(self.cleaned_data["workdays_only"]),
            days=self._number("days"),
            delivery=delivery_of(self.cleaned_data) if "table" in modes else None,
        )

    def _rows(self) -> Iterable[exchange.RowCondition]:
        for i in range(ROWS):
            name = self._text(f"row_field_{i}")
            if name:
                operator = _OPERATORS.get(self._text(f"row_operator_{i}"), "eq")
                text = self._text(f"row_value_{i}").strip()
                value = (
                    tuple(part for part in text.replace("，", ",").split(",") if part)
                    if operator == "in"
                    else text
                )
                yield exchange.RowCondition(name, operator, value)

    def blame(self, problems: Iterable[Problem]) -> None:
        """Put what the exchange found wrong beside the fields it is about."""
        for problem in problems:
            self.add_error(self._place(problem.where), formats.pick(problem.zh, problem.en))

    def _place(self, where: str) -> str | None:
        head, _dot, rest = where.partition(".")
        index = rest.partition(".")[0]
        if head == "purposes":
            i = int(index) if index.isdecimal() and int(index) < PURPOSES else 0
            kind = self.data.get(f"kind_{i}")
            return f"law_{i}" if kind == "law" else f"code_{i}"
        if head == "rows":
            i = int(index) if index.isdecimal() and int(index) < ROWS else 0
            return f"row_value_{i}"
        name = _PLACES.get(head, head)
        return name if name in self.fields else None


def initial_of(ask: exchange.RequestForm, chosen: list[str], mode: str = "") -> dict[str, object]:
    """The form's first values: the terms of the draft or the defaults; items chosen on the entry page win."""
    terms = ask.terms
    known = {option.item.wire for option in ask.options}
    fields = [name for name in chosen if name in known] or [field.name for field in terms.fields]
    # checking has to name its items, so it is ticked only where that is already done
    held = [one for one in terms.modes if one != "table" or terms.delivery]
    usual = [one for one in held if one != "verify" or terms.claims] or held
    values: dict[str, object] = {
        "reason": ask.reason,
        "modes": [mode] if mode in ask.modes else usual,
        "fields": fields,
        "lookups": [p.name for p in terms.predicates]
        or [o.item.wire for o in ask.options if o.required_by_default],
        "claims": list(terms.claims),
        "case_required": terms.case_required,
        "rows_per_call": terms.rows_per_call,
        "calls_per_day": terms.calls_per_day,
        "subjects_per_day": terms.subjects_per_day,
        "attempts_per_subject": terms.attempts_per_subject,
        "days": min(terms.days, ask.longest_days),
        "workdays_only": terms.workdays_only,
        **initial_delivery(terms.delivery),
    }
    if terms.hours:
        values |= {"hour_from": str(terms.hours[0]), "hour_to": str(terms.hours[1])}
    values |= {f"how_{p.name}": how_of(p.operators) for p in terms.predicates}
    for i, purpose in enumerate(terms.purposes[:PURPOSES]):
        if purpose.code.startswith("law:"):
            law, _mark, article = purpose.code.removeprefix("law:").partition("#")
            values |= {f"kind_{i}": "law", f"law_{i}": law, f"article_{i}": article}
        else:
            values |= {
                f"kind_{i}": "item",
                f"code_{i}": purpose.code.removeprefix("item:"),
                f"title_{i}": purpose.title,
                f"title_en_{i}": purpose.title_en,
            }
    for i, row in enumerate(terms.rows[:ROWS]):
        value = ",".join(row.value) if isinstance(row.value, tuple) else str(row.value)
        values |= {f"row_field_{i}": row.name, f"row_operator_{i}": row.operator, f"row_value_{i}": value}
    return values
