"""The form of one rule: only the fields that its kind needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django import forms
from django.utils.translation import gettext_lazy as _

from yiwang.portal.quality.words import CHECKS, SEVERITIES
from yiwang.vocabulary.code_lists import code_list, code_list_ids

KINDS = (
    "not_null", "unique", "in_list", "check_digit", "pattern", "length", "range", "recent", "fresh", "refers", "expr",
)  # fmt: skip
SEVERAL = frozenset({"not_null", "unique", "in_list"})
_PARTS: dict[str, tuple[str, ...]] = {
    "not_null": (), "unique": (), "in_list": ("code_list", "values"), "check_digit": ("check",), "pattern": ("pattern",),
    "length": ("min", "max"), "range": ("min", "max"), "recent": ("within",), "fresh": ("within", "when"),
    "refers": ("target", "keys"), "expr": ("id", "expr"),
}  # fmt: skip


class RuleFields(forms.Form):
    """A rule as an officer writes it."""

    items = forms.MultipleChoiceField(label=_("Items"), widget=forms.CheckboxSelectMultiple, required=False)
    item = forms.ChoiceField(label=_("Item"), required=False)
    id = forms.RegexField(
        r"^[A-Za-z][\w.-]{0,60}$", label=_("Short name"), required=False,
        help_text=_("Latin letters, such as born_before_registered."),
    )  # fmt: skip
    expr = forms.CharField(
        label=_("Condition"), required=False, max_length=1000, widget=forms.Textarea,
        help_text=_("Every row must fulfil it. Items are row.name, today is the day of the run."),
    )  # fmt: skip
    code_list = forms.ChoiceField(label=_("Code list"), required=False)
    values = forms.CharField(
        label=_("Or values of your own"), required=False, max_length=2000, help_text=_("Separated by blanks.")
    )
    check = forms.ChoiceField(label=_("Check character of"), required=False, choices=list(CHECKS.items()))
    pattern = forms.CharField(
        label=_("Form"),
        required=False,
        max_length=300,
        help_text=_("A regular expression for the whole text, such as [0-9]{6}."),
    )
    min = forms.FloatField(label=_("At least"), required=False)
    max = forms.FloatField(label=_("At most"), required=False)
    within = forms.RegexField(
        r"^\d{1,4}(min|h|d|mo|y)$", label=_("Not older than"), required=False,
        help_text=_("Such as 2d, 12h, 1mo or 1y."),
    )  # fmt: skip
    when = forms.CharField(
        label=_("Only rows that"),
        required=False,
        max_length=500,
        help_text=_("A condition, such as row.state != 'closed'."),
    )
    target = forms.RegexField(
        r"^[^.\s]{1,128}(\.[^.\s]{1,128})?$", label=_("Table of the same source"), required=False,
        help_text=_("schema.table"),
    )  # fmt: skip
    keys = forms.CharField(label=_("Its column"), required=False, max_length=128)
    severity = forms.ChoiceField(
        label=_("How much it counts"), choices=list(SEVERITIES.items()), initial="major"
    )
    message = forms.CharField(label=_("What to say when rows break it"), required=False, max_length=200)
    to = forms.CharField(
        label=_("Who mends it"), required=False, max_length=60,
        help_text=_("Short name of another department; leave empty when it is yours."),
    )  # fmt: skip

    def __init__(
        self,
        kind: str,
        items: Sequence[tuple[str, str]],
        data: object = None,
        initial: Mapping[str, object] | None = None,
    ) -> None:
        """`items` are wire names with titles."""
        super().__init__(data=data, initial=initial)  # type: ignore[arg-type]
        self.kind = kind
        several = kind in SEVERAL
        wanted = {*_PARTS[kind], "severity", "message", "to"}
        if kind != "expr":
            wanted.add("items" if several else "item")
        for name in [one for one in self.fields if one not in wanted]:
            del self.fields[name]
        for name in ("items", "item"):
            field = self.fields.get(name)
            if isinstance(field, forms.ChoiceField):
                field.choices = list(items)
                field.required = True
        listed = self.fields.get("code_list")
        if isinstance(listed, forms.ChoiceField):
            listed.choices = [
                ("", "—"),
                *((one, f"{code_list(one).title} · {one}") for one in code_list_ids()),
            ]
        for name in ("expr", "id", "check", "pattern", "within", "target"):
            if name in self.fields:
                self.fields[name].required = True

    def entry(self) -> dict[str, object]:
        """The rule in plain form, after `is_valid`."""
        given = self.cleaned_data
        made: dict[str, object] = {"rule": self.kind, "severity": given["severity"]}
        if given.get("items"):
            made["fields"] = list(given["items"])
        if given.get("item"):
            made["fields" if self.kind == "refers" else "field"] = (
                [given["item"]] if self.kind == "refers" else given["item"]
            )
        for name in ("expr", "pattern", "within", "when", "target", "message", "to", "id"):
            if given.get(name):
                made[name] = str(given[name]).strip()
        if given.get("check"):
            made["kind"] = given["check"]
        if given.get("keys"):
            made["keys"] = [str(given["keys"]).strip()]
        if self.kind == "in_list":
            own = str(given.get("values") or "").split()
            if own:
                made["values"] = own
            elif given.get("code_list"):
                made["list"] = given["code_list"]
        for name in ("min", "max"):
            value = given.get(name)
            if isinstance(value, float):
                made[name] = int(value) if value.is_integer() else value
        return made
