"""The form of a catalogue entry with its items; every item is a small form of its own, `item-0-title` and so on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from yiwang.blocks.catalogue.public import (
    FORMAT_CLASSES,
    GRADES,
    ITEM_TYPES,
    LEVELS,
    MASKS,
    SHARE_CHANNELS,
    SHARE_TYPES,
    SHARE_WAYS,
    UPDATE_CYCLES,
    ItemDraft,
    Label,
    ResourceDraft,
)
from yiwang.blocks.catalogue.public import Problem as DraftProblem
from yiwang.blocks.exchange import public as exchange
from yiwang.portal import formats
from yiwang.vocabulary.forms import Problem

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

BLANKS = 2
"""Empty rows for further items, where an entry is edited by hand."""
MOST = 500
SUBJECTS: dict[str, tuple[str | None, str | None]] = {
    "": (None, None),
    "person/resident_id": ("person", "resident_id"),
    "person": ("person", None),
    "organisation/uscc": ("organisation", "uscc"),
    "organisation": ("organisation", None),
}
SUBJECT_WORDS = {
    "": _("none"),
    "person/resident_id": _("person, by resident id"),
    "person": _("person"),
    "organisation/uscc": _("organisation, by credit code"),
    "organisation": _("organisation"),
}


@dataclass(frozen=True)
class Given:
    """An item as it comes to the form, with the column behind it where there is one."""

    item: ItemDraft
    column: exchange.ColumnFacts | None = None
    key: bool = False


def labelled(labels: Iterable[tuple[str, Label]]) -> list[tuple[str, str]]:
    """Choices in the language of the page."""
    return [(name, formats.pick(label.zh, label.en)) for name, label in labels]


VOLUMES = ("stored", "records", "shared", "shared_records", "opened", "opened_records")


def _volume(label: _StrOrPromise) -> forms.DecimalField:
    return forms.DecimalField(label=label, required=False, min_value=0, max_digits=14, decimal_places=4)


class ItemFields(forms.Form):
    """One item. `use` takes it into the entry, `key` makes it part of the unique key of the table."""

    def __init__(self, number: int, given: Given | None, data: object = None) -> None:
        initial = _item_initial(given) if given else {"use": False}
        super().__init__(data=data, prefix=f"item-{number}", initial=initial)  # type: ignore[arg-type]
        self.number, self.given = number, given
        add = self.fields
        text, short = forms.TextInput, {"class": "input input-s"}
        pick = forms.Select(attrs={"class": "select input-s"})
        add["use"] = forms.BooleanField(label=_("Share"), required=False)
        add["key"] = forms.BooleanField(label=_("Unique key"), required=False)
        add["title"] = forms.CharField(
            label=_("Name"), max_length=200, required=False, widget=text(attrs=short)
        )
        add["title_en"] = forms.CharField(
            label=_("Name in English"), max_length=200, required=False,
            widget=text(attrs=short | {"placeholder": _("English, optional")}),
        )  # fmt: skip
        add["wire"] = forms.CharField(
            label=_("Name in answers"), max_length=100, required=False, widget=text(attrs=short)
        )
        add["type"] = forms.ChoiceField(label=_("Type"), choices=labelled(ITEM_TYPES.items()), widget=pick)
        add["length"] = forms.IntegerField(
            label=_("Length"), min_value=0, required=False, widget=forms.NumberInput(attrs=short)
        )
        add["grade"] = forms.ChoiceField(label=_("Grade"), choices=labelled(GRADES.items()), widget=pick)
        add["subject"] = forms.ChoiceField(
            label=_("Who it names"), choices=list(SUBJECT_WORDS.items()), required=False, widget=pick
        )
        masks = [("", _("in full")), *labelled(MASKS.items())]
        add["mask"] = forms.ChoiceField(label=_("Given as"), choices=masks, required=False, widget=pick)
        levels = [("", _("not graded")), *labelled(LEVELS.items())]
        add["level"] = forms.ChoiceField(label=_("Level"), choices=levels, required=False, widget=pick)
        add["element"] = forms.CharField(
            label=_("Data element"), max_length=100, required=False,
            widget=text(attrs=short | {"placeholder": _("Data element, optional")}),
        )  # fmt: skip
        add["description"] = forms.CharField(
            label=_("Explanation"), max_length=2000, required=False,
            widget=text(attrs=short | {"placeholder": _("Explanation, optional")}),
        )  # fmt: skip
        for name, field in add.items():
            if name not in ("use", "key"):
                field.widget.attrs["aria-label"] = str(field.label)

    @property
    def column(self) -> exchange.ColumnFacts | None:
        """The column that it was proposed from."""
        return self.given.column if self.given else None

    @property
    def used(self) -> bool:
        """Whether it is ticked, as the form stands."""
        return bool(self["use"].value())

    def draft(self) -> ItemDraft:
        """The item; only of a valid form."""
        got = self.cleaned_data
        subject, check = SUBJECTS[str(got["subject"] or "")]
        wire = str(got["wire"]).strip() or str(got["title"]).strip()
        values = {
            "wire": wire, "title": str(got["title"]).strip(), "title_en": str(got["title_en"]).strip(),
            "type": got["type"], "length": got["length"] or 0, "grade": got["grade"], "subject": subject,
            "check": check, "mask": str(got["mask"]) or None,
            "description": str(got["description"]).strip(), "level": got["level"],
            "element": str(got["element"]).strip(),
        }  # fmt: skip
        return msgspec.convert(values, ItemDraft)


class SharingFields(forms.Form):
    """Class, terms of sharing and duty: of one entry, or of many that are drafted together."""

    classification = forms.CharField(
        label=_("Classification"), max_length=36, widget=forms.TextInput(attrs={"list": "classifications", "inputmode": "numeric"}),
        help_text=_("1 digit for the class, 2, 3 and any further digits, such as 306001003. It begins the code and stays."),
    )  # fmt: skip
    share_condition = forms.CharField(
        label=_("Conditions and scope of use"), max_length=2000, required=False,
        help_text=_("For conditional sharing: for what work, for whom."),
    )  # fmt: skip
    share_basis = forms.CharField(
        label=_("Legal basis of not sharing"), max_length=2000, required=False,
        help_text=_("Only where it is not shared: the law, regulation or central policy, with its article."),
    )  # fmt: skip
    duty = forms.CharField(
        label=_("Duty"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("The statutory duty by which you hold the data, with its source. It stands in the responsibility list."),
    )  # fmt: skip
    office = forms.CharField(
        label=_("Office"), max_length=200, required=False,
        help_text=_("The inner office that answers for it, not a person."),
    )  # fmt: skip


class EntryFields(SharingFields):
    """The entry, and its items in `items`."""

    field_order = ("title", "title_en")
    title = forms.CharField(label=_("Name"), max_length=200, help_text=_("Name the data, not the system."))
    title_en = forms.CharField(label=_("Name in English"), max_length=200, required=False)
    summary = forms.CharField(
        label=_("Summary"), max_length=10_000, widget=forms.Textarea,
        help_text=_("What it holds, of whom, since when, how many records."),
    )  # fmt: skip
    summary_en = forms.CharField(
        label=_("Summary in English"), max_length=10_000, required=False, widget=forms.Textarea
    )
    share_type = forms.ChoiceField(label=_("Sharing"), widget=forms.RadioSelect)
    share_condition_en = forms.CharField(
        label=_("Conditions in English"), max_length=2000, required=False,
        help_text=_("English pages show them; without them the Chinese ones."),
    )  # fmt: skip
    update_cycle = forms.ChoiceField(label=_("Updated"))
    open = forms.BooleanField(label=_("Open to the public"), required=False)
    open_condition = forms.CharField(label=_("Conditions of opening"), max_length=2000, required=False)
    format_class = forms.ChoiceField(label=_("Format"), required=False)
    format_type = forms.CharField(
        label=_("Type of format"), max_length=100, required=False, help_text=_("Such as xlsx, PostgreSQL or KingbaseES."),
    )  # fmt: skip
    share_channel = forms.ChoiceField(label=_("Channel of sharing"), required=False)
    share_ways = forms.MultipleChoiceField(
        label=_("Ways of sharing"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("Database, file and interface go over the platform; mail, copied disk and exchanged media do not."),
    )  # fmt: skip
    lead_department = forms.CharField(
        label=_("Lead department"), max_length=200, required=False,
        help_text=_("Of a subject resource that several departments fill."),
    )  # fmt: skip
    related = forms.CharField(
        label=_("Related resources"), max_length=5000, required=False,
        help_text=_("Codes of the same data in another class, with blanks between."),
    )  # fmt: skip
    released_on = forms.DateField(
        label=_("Released on"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("If it was released before it came here."),
    )  # fmt: skip
    stored = _volume(_("Stored (GB)"))
    records = _volume(_("Records (10,000)"))
    shared = _volume(_("Shared (GB)"))
    shared_records = _volume(_("Shared records (10,000)"))
    opened = _volume(_("Opened (GB)"))
    opened_records = _volume(_("Opened records (10,000)"))

    def __init__(
        self, draft: ResourceDraft, rows: list[Given], data: QueryDict | None = None, *, blanks: int = 0,
        fixed: bool = False,
    ) -> None:  # fmt: skip
        """`rows` come with the draft's items; `fixed`: the classification belongs to a code already given out."""
        super().__init__(data=data, initial=_initial(draft))
        share_type, cycle = self.fields["share_type"], self.fields["update_cycle"]
        assert isinstance(share_type, forms.ChoiceField)
        assert isinstance(cycle, forms.ChoiceField)
        for name, labels in (
            ("format_class", FORMAT_CLASSES), ("share_channel", SHARE_CHANNELS), ("share_ways", SHARE_WAYS),
        ):  # fmt: skip
            choice = self.fields[name]
            assert isinstance(choice, forms.ChoiceField)
            first = [] if name == "share_ways" else [("", "—")]
            choice.choices = [*first, *labelled((str(key), label) for key, label in labels.items())]
        share_type.choices = labelled(SHARE_TYPES.items())
        cycle.choices = labelled(UPDATE_CYCLES.items())
        self.whole = draft
        if fixed:
            del self.fields["classification"]
        given: list[Given | None] = [*rows, *[None] * blanks]
        self.items = [ItemFields(i, one, data) for i, one in enumerate(given[:MOST])]
        self.table_errors: list[str] = []
        self.warnings: list[str] = []

    def is_valid(self) -> bool:
        """Whether entry and every item that is used are well formed."""
        mine = super().is_valid()
        items = [item.is_valid() for item in self.used()]
        return mine and all(items) and not self.table_errors

    def used(self) -> list[ItemFields]:
        """The items ticked, in their order."""
        return [item for item in self.items if item.used]

    def draft(self) -> ResourceDraft:
        """The entry as the catalogue takes it; only of a valid form."""
        got = self.cleaned_data
        values = msgspec.to_builtins(self.whole) | {
            name: got[name].strip() if isinstance(got[name], str) else got[name] for name in got
        }
        values["volumes"] = {name: values.pop(name) or 0 for name in VOLUMES}
        values["related"] = values["related"].replace("，", " ").replace(",", " ").split()
        released = values["released_on"]
        values["released_on"] = released.isoformat() if released else ""
        values["items"] = [msgspec.to_builtins(item.draft()) for item in self.used()]
        return msgspec.convert(values, ResourceDraft)

    def key(self) -> tuple[str, ...]:
        """Names in answers of the items that make the unique key."""
        return tuple(item.draft().wire for item in self.used() if item.cleaned_data["key"])

    def columns(self) -> tuple[exchange.ColumnMap, ...]:
        """Items with the columns they were proposed from."""
        drafts = [(item.draft(), item.column) for item in self.used()]
        return tuple(
            exchange.ColumnMap(d.wire, c.name, d.type, c.database_type) for d, c in drafts if c is not None
        )

    def blame(self, problems: Iterable[Problem]) -> None:
        """Put what is wrong beside its field; warnings are kept apart, for they stop nothing."""
        used = self.used()
        for problem in problems:
            words = formats.pick(problem.zh, problem.en)
            head, _dot, rest = problem.where.partition(".")
            number, _dot, part = rest.partition(".")
            item = used[int(number)] if number.isdecimal() and int(number) < len(used) else None
            if isinstance(problem, DraftProblem) and problem.warning:
                name = f"{item['title'].value()}: " if item else ""
                self.warnings.append(name + words)
            elif item is not None:
                item.add_error(part if part in item.fields else None, words)
            elif head in ("items", "columns", "key", "modes"):
                self.table_errors.append(words)
            else:
                self.add_error(head if head in self.fields else None, words)


def _initial(draft: ResourceDraft) -> dict[str, object]:
    return {
        "title": draft.title, "title_en": draft.title_en, "classification": draft.classification,
        "summary": draft.summary, "summary_en": draft.summary_en, "share_type": draft.share_type,
        "share_condition": draft.share_condition, "share_condition_en": draft.share_condition_en,
        "share_basis": draft.share_basis,
        "update_cycle": draft.update_cycle, "open": draft.open, "open_condition": draft.open_condition,
        "format_class": draft.format_class, "format_type": draft.format_type, "share_channel": draft.share_channel,
        "share_ways": list(draft.share_ways), "duty": draft.duty, "office": draft.office,
        "lead_department": draft.lead_department, "related": " ".join(draft.related),
        "released_on": draft.released_on, **{name: getattr(draft.volumes, name) or "" for name in VOLUMES},
    }  # fmt: skip


def _item_initial(given: Given) -> dict[str, object]:
    item = given.item
    subject = next(
        (name for name, pair in SUBJECTS.items() if pair == (item.subject, item.check)), item.subject or ""
    )
    return {
        "use": True, "key": given.key, "title": item.title, "title_en": item.title_en, "wire": item.wire,
        "type": item.type, "length": item.length or "", "grade": item.grade, "subject": subject, "mask": item.mask or "",
        "level": item.level, "element": item.element, "description": item.description,
    }  # fmt: skip
