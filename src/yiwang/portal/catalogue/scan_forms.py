"""The forms of the census: where to look, what a table becomes, on which terms tables become drafts."""

from __future__ import annotations

import msgspec
from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yiwang.blocks.catalogue.public import (
    GRADES,
    ITEM_TYPES,
    LEVELS,
    SHARE_TYPES,
    ColumnChoice,
    EntryTerms,
    TableChoice,
    item_of,
    skipped,
)
from yiwang.blocks.exchange import public as exchange
from yiwang.dataplane.census.draft import Item
from yiwang.portal.desk.entry_form import SharingFields, labelled

MOST_PATTERNS = 50


class OrderFields(forms.Form):
    """A scan to order: a source of one's own agency or a file, some of its tables, how fast."""

    source = forms.ChoiceField(
        label=_("Registered source"), required=False,
        help_text=_("A database of your agency; its password stays sealed."),
    )  # fmt: skip
    file = forms.FileField(
        label=_("Or a file"), required=False,
        help_text=_("CSV, XLSX, Parquet or SQLite, at most 20 MB. It is deleted when the scan ends."),
    )  # fmt: skip
    tables = forms.CharField(
        label=_("Only these tables"), required=False, max_length=2000,
        widget=forms.TextInput(attrs={"placeholder": "hj.* dd_*"}),
        help_text=_("Names with * and ?, with blanks between. Empty: all that the user may read."),
    )  # fmt: skip
    rate = forms.TypedChoiceField(label=_("Statements a second, at most"), coerce=int)

    def __init__(
        self, sources: list[tuple[str, str]], data: QueryDict | None = None,
        files: MultiValueDict[str, UploadedFile[bytes]] | None = None, initial: dict[str, str] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(data=data, files=files, initial={"rate": 50, **(initial or {})})
        source, rate, file = self.fields["source"], self.fields["rate"], self.fields["file"]
        assert isinstance(source, forms.ChoiceField)
        assert isinstance(rate, forms.ChoiceField)
        source.choices = [("", gettext("none")), *sources]
        rate.choices = [(one, str(one)) for one in exchange.RATES]
        file.widget.attrs["accept"] = ",".join(exchange.SUFFIXES)

    def clean(self) -> dict[str, object]:
        """Exactly one of source and file."""
        got = dict(super().clean() or {})
        if bool(got.get("source")) == bool(got.get("file")) and not self.errors:
            self.add_error("source", gettext("Choose either a source or a file."))
        return got

    def upload(self) -> tuple[str, bytes | None]:
        """Name and bytes of the file; one byte more than is taken is enough to refuse it."""
        file = self.cleaned_data["file"]
        if file is None:
            return "", None
        return str(file.name), bytes(file.read(exchange.LARGEST_FILE + 1))

    def order(self) -> exchange.ScanOrder:
        """The rest of the order."""
        patterns = tuple(str(self.cleaned_data["tables"]).split()[:MOST_PATTERNS])
        return exchange.ScanOrder(patterns, int(self.cleaned_data["rate"]))


class TermsFields(SharingFields):
    """What no table says, for all that become drafts together."""

    share_type = forms.ChoiceField(label=_("Sharing"))
    chosen: frozenset[int] = frozenset()
    """Tables that were ticked, where the form comes back."""

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data=data, initial={"share_type": "conditional"})
        share_type = self.fields["share_type"]
        assert isinstance(share_type, forms.ChoiceField)
        share_type.choices = labelled(SHARE_TYPES.items())

    def terms(self) -> EntryTerms:
        """The terms; only of a valid form."""
        got = {name: value.strip() for name, value in self.cleaned_data.items()}
        return msgspec.convert(got, EntryTerms)


class ColumnFields(forms.Form):
    """One column of a proposed entry."""

    def __init__(self, number: int, item: Item, kept: ColumnChoice, data: QueryDict | None) -> None:
        proposal = item_of(item, kept)
        super().__init__(
            data=data, prefix=f"column-{number}",
            initial={
                "use": not skipped(item, kept), "title": proposal.title, "type": proposal.type,
                "length": proposal.length or "", "grade": proposal.grade, "level": proposal.level,
            },
        )  # fmt: skip
        self.item = item
        add, short = self.fields, {"class": "input input-s"}
        pick = forms.Select(attrs={"class": "select input-s"})
        add["use"] = forms.BooleanField(label=_("Take in"), required=False)
        add["title"] = forms.CharField(label=_("Name"), max_length=200, widget=forms.TextInput(attrs=short))
        add["type"] = forms.ChoiceField(label=_("Type"), choices=labelled(ITEM_TYPES.items()), widget=pick)
        add["length"] = forms.IntegerField(
            label=_("Length"),
            min_value=0,
            max_value=10**9,
            required=False,
            widget=forms.NumberInput(attrs=short),
        )
        add["grade"] = forms.ChoiceField(label=_("Grade"), choices=labelled(GRADES.items()), widget=pick)
        levels = [("", "—"), *labelled(LEVELS.items())]
        add["level"] = forms.ChoiceField(label=_("Level"), choices=levels, required=False, widget=pick)
        for name, field in add.items():
            if name != "use":
                field.widget.attrs["aria-label"] = f"{field.label} {item.column}"

    def choice(self) -> ColumnChoice:
        """What the officer made of it; only of a valid form."""
        got = self.cleaned_data
        return msgspec.convert(
            {
                "skip": not got["use"], "title": got["title"].strip(), "type": got["type"],
                "length": got["length"] or 0, "grade": got["grade"], "level": got["level"] or None,
            },
            ColumnChoice,
        )  # fmt: skip


class TableFields(forms.Form):
    """A proposed entry with its columns."""

    title = forms.CharField(label=_("Name"), max_length=200)

    def __init__(self, proposed: exchange.ProposedTable, data: QueryDict | None = None) -> None:
        super().__init__(data=data, initial={"title": proposed.choice.title or proposed.table.title})
        self.kept = proposed.choice
        chosen = proposed.choice.columns
        self.columns = [
            ColumnFields(number, item, chosen.get(item.column, ColumnChoice()), data)
            for number, item in enumerate(proposed.table.items)
        ]

    def is_valid(self) -> bool:
        """Whether the name and every column is well formed."""
        mine = super().is_valid()
        return all([mine, *(column.is_valid() for column in self.columns)])

    def choice(self) -> TableChoice:
        """What the officer made of the table; only of a valid form."""
        columns = {column.item.column: column.choice() for column in self.columns}
        return TableChoice(self.kept.skip, self.cleaned_data["title"].strip(), self.kept.entry, columns)
