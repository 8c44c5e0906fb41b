"""The forms of supply and demand: a need, an answer, a ruling."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from yiwang.blocks.catalogue.public import ITEM_TYPES, SUBJECTS
from yiwang.blocks.demand import public as demand
from yiwang.portal import formats
from yiwang.portal.share.need_words import FRESHNESS, MODES, URGENCY
from yiwang.portal.share.wishing import law_choices, law_title
from yiwang.vocabulary.forms import Problem

BLANK_ITEMS, SPARE_ITEMS, MOST_ITEMS = 5, 2, 40
_PLACES = {"items": "item_name_0", "purpose": "code"}


class NeedFields(forms.Form):
    """Everything that a need says."""

    title = forms.CharField(
        label=_("What data"), max_length=100,
        help_text=_("As you would search for it, such as “pledged shares of enterprises”."),
        error_messages={"required": _("Say what data is needed.")},
    )  # fmt: skip
    reason = forms.CharField(
        label=_("What for"), max_length=2000, widget=forms.Textarea,
        help_text=_("The work it is for and what happens without it. Every department can read this."),
        error_messages={"required": _("Say what the data is for.")},
    )  # fmt: skip
    kind = forms.ChoiceField(
        label=_("Purpose"), initial="item", widget=forms.RadioSelect,
        choices=(("item", _("A service item")), ("law", _("An article of law"))),
    )  # fmt: skip
    code = forms.CharField(label=_("Code of the service item"), required=False, max_length=64)
    purpose_title = forms.CharField(label=_("Name of the service item"), required=False, max_length=120)
    law = forms.ChoiceField(label=_("Law"), required=False)
    article = forms.RegexField(
        r"^[0-9]{1,4}(-[0-9]{1,2})?$", label=_("Article"), required=False,
        help_text=_("The number alone, such as 21."),
        error_messages={"invalid": _("Give the number of the article alone, such as 21.")},
    )  # fmt: skip
    cases = forms.CharField(label=_("Kinds of case"), required=False, max_length=200)
    subjects = forms.MultipleChoiceField(
        label=_("About whom"), required=False, widget=forms.CheckboxSelectMultiple
    )
    coverage = forms.CharField(
        label=_("Which region"), required=False, max_length=100, help_text=_("Such as the whole city.")
    )
    modes = forms.MultipleChoiceField(
        label=_("How"), choices=list(MODES.items()), initial=["query"], widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one way.")},
    )  # fmt: skip
    freshness = forms.ChoiceField(label=_("How fresh"), choices=list(FRESHNESS.items()), initial="daily")
    calls_per_day = forms.IntegerField(
        label=_("How often a day"), min_value=1, max_value=10_000_000, initial=100
    )
    wanted_by = forms.DateField(
        label=_("Wanted by"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    urgency = forms.ChoiceField(label=_("Urgency"), choices=list(URGENCY.items()), initial="normal")
    contact_post = forms.CharField(label=_("Office to contact"), required=False, max_length=100)
    contact_phone = forms.CharField(
        label=_("Telephone"), required=False, max_length=40,
        help_text=_("Shown to those it is routed to and to the data bureau alone."),
    )  # fmt: skip

    def __init__(self, today: date, data: object = None, initial: Mapping[str, object] | None = None) -> None:
        """`initial` may hold `items`, the wanted items so far."""
        given = initial or {}
        self._today = today
        super().__init__(data=data, initial=given)  # type: ignore[arg-type]
        self._choose("law", [("", "—"), *law_choices(today)])
        self._choose("subjects", [(key, formats.pick(one.zh, one.en)) for key, one in SUBJECTS.items()])
        items = given.get("items", ())
        named = (
            tuple(one for one in items if isinstance(one, demand.WantedItem))
            if isinstance(items, tuple)
            else ()
        )
        sent = sum(name.startswith("item_name_") for name in data) if isinstance(data, Iterable) else 0
        self.rows = min(MOST_ITEMS, max(BLANK_ITEMS, len(named) + SPARE_ITEMS, sent))
        types = [("", _("Any type")), *((k, formats.pick(o.zh, o.en)) for k, o in ITEM_TYPES.items())]
        for i in range(self.rows):
            one = named[i] if i < len(named) else demand.WantedItem("")
            for name, field, value in (
                ("name", forms.CharField(label=_("Item"), required=False, max_length=100), one.name),
                (
                    "meaning",
                    forms.CharField(label=_("What it means"), required=False, max_length=200),
                    one.meaning,
                ),
                ("type", forms.ChoiceField(label=_("Type"), required=False, choices=types), one.type),
            ):
                field.initial = value
                self.fields[f"item_{name}_{i}"] = field

    def item_rows(self) -> list[list[BoundField]]:
        """The items as rows of name, meaning and type."""
        return [[self[f"item_{name}_{i}"] for name in ("name", "meaning", "type")] for i in range(self.rows)]

    def said(self) -> demand.Statement:
        """The need as the block takes it, also of a form that is not whole yet (for suggestions)."""
        text = self._text
        law = text("kind") == "law"
        purpose = (
            f"law:{text('law')}#{text('article')}" if law else f"item:{text('code').removeprefix('item:')}"
        )
        whole = bool(text("law") and text("article")) if law else bool(text("code"))
        items = tuple(
            demand.WantedItem(text(f"item_name_{i}"), text(f"item_meaning_{i}"), text(f"item_type_{i}"))
            for i in range(self.rows)
            if text(f"item_name_{i}")
        )
        chosen = self.cleaned_data.get("modes", [])
        calls, by = self.cleaned_data.get("calls_per_day"), self.cleaned_data.get("wanted_by")
        return demand.Statement(
            title=text("title"), reason=text("reason"), purpose=purpose if whole else "",
            purpose_title=law_title(text("law"), text("article")) if law and whole else text("purpose_title"),
            items=items, cases=text("cases"), subjects=tuple(self.cleaned_data.get("subjects", [])),
            coverage=text("coverage"), modes=tuple(mode for mode in demand.MODES if mode in chosen),
            freshness=next((one for one in demand.FRESHNESS if one == text("freshness")), "daily"),
            calls_per_day=calls if isinstance(calls, int) else 1, wanted_by=by if isinstance(by, date) else None,
            urgency="urgent" if text("urgency") == "urgent" else "normal", contact_post=text("contact_post"),
            contact_phone=text("contact_phone"),
        )  # fmt: skip

    def blame(self, problems: Iterable[Problem]) -> None:
        """Put what the block found wrong beside the fields it is about."""
        place_problems(self, problems, _PLACES)

    def _text(self, name: str) -> str:
        return str(self.cleaned_data.get(name) or "").strip()

    def _choose(self, name: str, choices: Sequence[tuple[str, str]]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices


def initial_of(said: demand.Statement) -> dict[str, object]:
    """The first values of a form from a need."""
    values: dict[str, object] = {**vars(said), "subjects": list(said.subjects), "modes": list(said.modes)}
    return values | purpose_of(said)


def purpose_of(said: demand.Statement) -> dict[str, object]:
    """The purpose of a need as fields of a form."""
    if said.purpose.startswith("law:"):
        law, _mark, article = said.purpose.removeprefix("law:").partition("#")
        return {"kind": "law", "law": law, "article": article, "purpose_title": ""}
    return {
        "kind": "item", "code": said.purpose.removeprefix("item:"), "purpose_title": said.purpose_title,
    }  # fmt: skip


class AnswerFields(forms.Form):
    """A holder's answer; which fields count depends on its kind."""

    kind = forms.ChoiceField(
        label=_("Your answer"), widget=forms.RadioSelect,
        choices=(
            ("have", _("We hold it and it is in the catalogue")), ("will", _("We hold it and will catalogue it")),
            ("none", _("We do not hold it")), ("cannot", _("We hold it and may not share it")),
        ),
        error_messages={"required": _("Choose an answer.")},
    )  # fmt: skip
    resource = forms.ChoiceField(
        label=_("Which entry"), required=False, help_text=_("If it is in the catalogue.")
    )
    by = forms.DateField(
        label=_("In the catalogue by"), required=False, help_text=_("If you will catalogue it."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )  # fmt: skip
    text = forms.CharField(
        label=_("Reason or note"), required=False, max_length=1000, widget=forms.Textarea,
        help_text=_("Needed when you do not hold it or may not share it."),
    )  # fmt: skip
    hint = forms.ChoiceField(label=_("Who may hold it"), required=False)
    basis = forms.CharField(
        label=_("Legal basis"), required=False, max_length=300, help_text=_("Needed when you may not share it."),
    )  # fmt: skip

    def __init__(
        self, entries: list[tuple[str, str]], agencies: list[tuple[str, str]], data: object = None,
        initial: Mapping[str, object] | None = None,
    ) -> None:  # fmt: skip
        """`entries` are the agency's own, `agencies` whom a hint may name."""
        super().__init__(data=data, initial=initial)  # type: ignore[arg-type]
        for name, choices in (("resource", entries), ("hint", agencies)):
            field = self.fields[name]
            if isinstance(field, forms.ChoiceField):
                field.choices = [("", "—"), *choices]

    def blame(self, problems: Iterable[Problem]) -> None:
        """Put what the block found wrong beside the fields it is about."""
        place_problems(self, problems, {})


class RulingFields(forms.Form):
    """What the data bureau rules; which fields count depends on the ruling."""

    ruling = forms.ChoiceField(
        label=_("Ruling"), widget=forms.RadioSelect,
        choices=(
            ("route", _("Ask these agencies")), ("assign", _("This agency catalogues it")),
            ("meet", _("An entry meets it")), ("law", _("It may not be shared")), ("nobody", _("Nobody holds it")),
        ),
        error_messages={"required": _("Choose a ruling.")},
    )  # fmt: skip
    agencies = forms.MultipleChoiceField(
        label=_("Agencies"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("One or more to ask; exactly one to catalogue it."),
    )  # fmt: skip
    by = forms.DateField(
        label=_("In the catalogue by"), required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )  # fmt: skip
    resources = forms.CharField(
        label=_("Code of the entry"),
        required=False,
        max_length=300,
        help_text=_("Separate several by commas."),
    )
    text = forms.CharField(
        label=_("Reason"), required=False, max_length=1000, widget=forms.Textarea,
        help_text=_("Read by all departments when the need ends."),
    )  # fmt: skip
    basis = forms.CharField(
        label=_("Legal basis"), required=False, max_length=300, help_text=_("Needed when it may not be shared."),
    )  # fmt: skip

    def __init__(
        self,
        agencies: list[tuple[str, str]],
        data: object = None,
        initial: Mapping[str, object] | None = None,
    ) -> None:
        """`agencies` are those that may be asked."""
        super().__init__(data=data, initial=initial)  # type: ignore[arg-type]
        field = self.fields["agencies"]
        if isinstance(field, forms.MultipleChoiceField):
            field.choices = agencies

    def codes(self) -> tuple[str, ...]:
        """Codes of entries."""
        text = str(self.cleaned_data.get("resources") or "").replace("，", ",")
        return tuple(part.strip() for part in text.split(",") if part.strip())

    def blame(self, problems: Iterable[Problem]) -> None:
        """Put what the block found wrong beside the fields it is about."""
        place_problems(self, problems, {"agency": "agencies"})


def place_problems(form: forms.Form, problems: Iterable[Problem], places: Mapping[str, str]) -> None:
    """Put problems beside the fields they are about; `places` names those that are another word on the form."""
    for problem in problems:
        place = places.get(problem.where, problem.where)
        form.add_error(place if place in form.fields else None, formats.pick(problem.zh, problem.en))
