"""Items to columns: the form that connects an entry to a table, and the terms of its service."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yiwang.blocks.catalogue.public import ItemDraft
from yiwang.blocks.exchange import public as exchange
from yiwang.portal import formats
from yiwang.portal.share import wording
from yiwang.vocabulary.forms import Problem

DISCLOSURES = {
    "immediate": _("At once: people see every use of their data"),
    "delayed": _("Later, on a legal basis"),
    "withheld": _("Not shown, on a legal basis"),
}
Blame = Callable[[Iterable[Problem]], None]


class ServiceFields(forms.Form):
    """How it is served: the modes, and when the persons concerned see its uses."""

    def __init__(self, view: exchange.MountView | None, data: QueryDict | None = None) -> None:
        modes = list(view.modes) if view else ["query", "verify"]
        initial: dict[str, object] = {
            "modes": modes,
            "disclosure": view.disclosure if view else "immediate",
            "disclosure_basis": view.disclosure_basis if view else "",
        }
        super().__init__(data=data, initial=initial)
        self.fields["modes"] = forms.MultipleChoiceField(
            label=_("How it is served"), choices=list(wording.MODES.items()), widget=forms.CheckboxSelectMultiple,
            error_messages={"required": _("Choose at least one way.")},
        )  # fmt: skip
        self.fields["disclosure"] = forms.ChoiceField(
            label=_("When people see its uses"), choices=list(DISCLOSURES.items()), widget=forms.RadioSelect
        )
        self.fields["disclosure_basis"] = forms.CharField(
            label=_("Legal basis of showing them later or not"), required=False, max_length=300
        )

    def mount(
        self, resource: str, source: str, schema: str, relation: str, columns: tuple[exchange.ColumnMap, ...],
        key: tuple[str, ...],
    ) -> exchange.MountForm:  # fmt: skip
        """The mount as the exchange takes it; only of a valid form."""
        got = self.cleaned_data
        modes: tuple[exchange.Mode, ...] = tuple(
            mode for mode in ("query", "verify", "table") if mode in got["modes"]
        )
        return exchange.MountForm(
            resource, source, schema, relation, columns, key, modes, str(got["disclosure"]),
            str(got["disclosure_basis"]),
        )  # fmt: skip

    def blame(self, problems: Iterable[Problem], others: Blame) -> None:
        """Take the problems that belong here, and hand on the others."""
        for problem in problems:
            if problem.where in self.fields:
                self.add_error(problem.where, formats.pick(problem.zh, problem.en))
            else:
                others([problem])


class MapFields(forms.Form):
    """For each item the column that it is read from; `col_<name>` and `key_<name>`."""

    def __init__(
        self, items: Sequence[ItemDraft], table: exchange.RelationFacts, view: exchange.MountView | None,
        data: QueryDict | None = None,
    ) -> None:  # fmt: skip
        super().__init__(data=data)
        self.items, self.table = items, table
        before = {column.item: column.column for column in view.columns} if view else {}
        key = set(view.key) if view else set()
        self.compared = {column.item for column in view.columns if not column.readable} if view else set()
        declared = table.keys[0] if table.keys else ()
        shown = [("", gettext("not served"))]
        shown += [
            (c.name, f"{c.name} · {c.comment or c.database_type}") for c in table.columns if c.type is not None
        ]  # fmt: skip
        for item in items:
            guessed = guess(item, table, before.get(item.wire))
            self.fields[f"col_{item.wire}"] = forms.ChoiceField(
                label=item.title, choices=shown, required=False, initial=guessed,
                widget=forms.Select(attrs={"class": "select input-s", "aria-label": item.title}),
            )  # fmt: skip
            self.fields[f"key_{item.wire}"] = forms.BooleanField(
                label=_("Unique key"), required=False,
                initial=item.wire in key if view else bool(guessed) and guessed in declared,
            )  # fmt: skip
        self.table_errors: list[str] = []

    def rows(self) -> list[tuple[ItemDraft, forms.BoundField, forms.BoundField]]:
        """Item, column box, key tick."""
        return [(item, self[f"col_{item.wire}"], self[f"key_{item.wire}"]) for item in self.items]

    def columns(self) -> tuple[exchange.ColumnMap, ...]:
        """The mapping; only of a valid form."""
        got = self.cleaned_data
        chosen = [(item, str(got[f"col_{item.wire}"])) for item in self.items]
        return tuple(
            exchange.ColumnMap(item.wire, column, item.type, "", item.wire not in self.compared)
            for item, column in chosen
            if column
        )

    def key(self) -> tuple[str, ...]:
        """The items ticked as key."""
        return tuple(item.wire for item in self.items if self.cleaned_data[f"key_{item.wire}"])

    def blame(self, problems: Iterable[Problem]) -> None:
        """Put what is wrong beside its item; what belongs to none stands above the table."""
        columns = self.columns()
        for problem in problems:
            words = formats.pick(problem.zh, problem.en)
            number = problem.where.partition(".")[2].partition(".")[0]
            if problem.where.startswith("columns.") and number.isdecimal() and int(number) < len(columns):
                self.add_error(f"col_{columns[int(number)].item}", words)
            else:
                self.table_errors.append(words)


def guess(item: ItemDraft, table: exchange.RelationFacts, before: str | None) -> str:
    """The column most likely behind an item: the one of before, one of its name, one whose comment says its title."""
    names = {column.name for column in table.columns if column.type is not None}
    for wanted in (before, item.wire, item.title):
        if wanted and wanted in names:
            return wanted
    for column in table.columns:
        if column.name in names and column.comment and column.comment.strip() in (item.title, item.wire):
            return column.name
    return ""
