"""The forms of standards: an element, a code list, a file."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext_lazy as _

from yiwang.blocks.standards import public as standards
from yiwang.portal import formats
from yiwang.portal.standards.words import CHECKS, TYPES


class Blamed(forms.Form):
    """A form that shows the problems that a block found beside their fields."""

    def blame(self, problems: Iterable[standards.Problem]) -> None:
        """Put each problem to its field; those of no field above the form."""
        for one in problems:
            said = formats.pick(one.zh, one.en)
            if one.where in self.fields:
                self.add_error(one.where, said)
            else:
                self.add_error(None, f"{one.where}: {said}")


class ElementFields(Blamed):
    """A data element."""

    number = forms.CharField(
        label=_("Number"),
        max_length=40,
        help_text=_("Such as DE-JYZT, or the number of a standard: GB/T 2261.1."),
    )
    name = forms.CharField(label=_("Name"), max_length=100)
    name_en = forms.CharField(label=_("Name in English"), max_length=200, required=False)
    definition = forms.CharField(label=_("What it means"), max_length=500, widget=forms.Textarea)
    type = forms.ChoiceField(label=_("Type"), choices=list(TYPES.items()), initial="text")
    format = forms.CharField(
        label=_("Format"),
        max_length=40,
        required=False,
        help_text=_("As catalogues write it: C18, C..50, D8."),
    )
    longest = forms.IntegerField(
        label=_("Longest"),
        min_value=0,
        max_value=100_000,
        required=False,
        help_text=_("Characters; 0 or empty: not limited."),
    )
    pattern = forms.CharField(
        label=_("Form"), max_length=300, required=False,
        help_text=_("A regular expression for the whole text, such as [0-9]{6}."),
    )  # fmt: skip
    check = forms.ChoiceField(label=_("Check character"), choices=list(CHECKS.items()), required=False)
    code_list = forms.ChoiceField(label=_("Code list"), required=False)
    unit = forms.CharField(label=_("Unit"), max_length=40, required=False)
    standard = forms.CharField(label=_("Standard"), max_length=100, required=False)
    edition = forms.CharField(label=_("Edition"), max_length=100, required=False)
    source = forms.CharField(
        label=_("Where this comes from"), max_length=300, required=False,
        help_text=_("The text that was read, or who said so."),
    )  # fmt: skip
    verified = forms.BooleanField(label=_("Compared with the official text"), required=False)
    note = forms.CharField(label=_("What changes"), max_length=300, required=False)

    def choose_lists(self, rows: Iterable[standards.ListRow]) -> None:
        """The code lists to choose from."""
        field = self.fields["code_list"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", "—"), *((one.id, f"{one.title} · {one.id}") for one in rows)]

    def element(self) -> standards.DataElement:
        """The element, after `is_valid`."""
        given = self.cleaned_data
        kind = next(one for one in standards.TYPES if one == given["type"])
        check = next(one for one in standards.CHECKS if one == given["check"])
        return standards.DataElement(
            number=given["number"], name=given["name"], name_en=given["name_en"], definition=given["definition"],
            type=kind, format=given["format"], longest=given["longest"] or 0, pattern=given["pattern"], check=check,
            code_list=given["code_list"], unit=given["unit"], standard=given["standard"], edition=given["edition"],
            source=given["source"], verified=given["verified"],
        )  # fmt: skip


class ListFields(Blamed):
    """A code list with its codes in a file."""

    id = forms.CharField(label=_("Id"), max_length=40, help_text=_("Small letters, such as permit-state."))
    title = forms.CharField(label=_("Name"), max_length=200)
    standard = forms.CharField(label=_("Standard"), max_length=100, required=False)
    edition = forms.CharField(label=_("Edition"), max_length=100, required=False)
    source = forms.CharField(label=_("Where this comes from"), max_length=300, required=False)
