"""The form of deciding several requests: one verdict and one opinion for all, and exceptions one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django import forms
from django.forms import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yiwang.blocks.exchange import public as exchange
from yiwang.portal.desk.queues import Kind
from yiwang.portal.desk.steps import LONGEST

WORDS: dict[exchange.Verdict, str | Promise] = {
    "accept": _("Pass"),
    "approve": _("Grant as asked"),
    "return": _("Ask for correction"),
    "reject": _("Do not pass"),
    "refuse": _("Refuse"),
}
OFFERED: dict[Kind, tuple[exchange.Verdict, ...]] = {
    "review": ("accept", "return", "reject"),
    "decide": ("approve", "return", "refuse"),
}
SILENT: frozenset[str] = frozenset({"accept", "approve"})
"""Verdicts that need no words."""
LEAVE = "leave"


@dataclass(frozen=True)
class Line:
    """A request on the form with its own verdict and words; without boxes where nothing can be decided."""

    request: exchange.ComparedRequest
    verdict: BoundField | None
    text: BoundField | None


class BatchForm(forms.Form):
    """What is decided of the requests shown. Words for all are never put under an exception."""

    def __init__(
        self, kind: Kind, compared: tuple[exchange.ComparedRequest, ...], data: object = None
    ) -> None:
        super().__init__(data=data, initial={"verdict": OFFERED[kind][0]})  # type: ignore[arg-type]
        self.compared = compared
        self.verdicts = OFFERED[kind]
        self.open = [one for one in compared if not one.allowed.isdisjoint(self.verdicts)]
        offered = [(name, WORDS[name]) for name in self.verdicts]
        add = self.fields
        add["verdict"] = forms.ChoiceField(
            label=_("For all"), choices=offered, widget=forms.RadioSelect,
            error_messages={"required": _("Choose what is decided.")},
        )  # fmt: skip
        add["text"] = forms.CharField(
            label=_("Opinion for all"), max_length=LONGEST, required=False, widget=forms.Textarea,
            help_text=_("Needed for correction and for a no; the other side reads it. Not used for exceptions."),
        )  # fmt: skip
        if "refuse" in self.verdicts:
            add["basis"] = forms.CharField(
                label=_("Legal basis"), max_length=300, required=False,
                help_text=_("Only for refusals: the law or state rule, with its article."),
                widget=forms.TextInput(attrs={"list": "law-list"}),
            )  # fmt: skip
        choices = [("", _("Like the others")), *offered, (LEAVE, _("Leave for now"))]
        for one in self.open:
            number = one.row.id
            add[f"verdict_{number}"] = forms.ChoiceField(
                label=number,
                choices=choices,
                required=False,
                widget=forms.Select(attrs={"class": "select input-s"}),
            )
            add[f"text_{number}"] = forms.CharField(
                label=gettext("Own words for %(id)s") % {"id": number}, max_length=LONGEST, required=False,
                widget=forms.TextInput(attrs={"class": "input input-s", "placeholder": _("Own words for an exception")}),
            )  # fmt: skip
            add[f"seen_{number}"] = forms.IntegerField(
                widget=forms.HiddenInput, initial=one.revision, min_value=0, max_value=10**8
            )

    def lines(self) -> list[Line]:
        """The requests in their order, with their boxes."""
        boxes = {one.row.id for one in self.open}
        return [
            Line(one, self[f"verdict_{one.row.id}"], self[f"text_{one.row.id}"])
            if one.row.id in boxes
            else Line(one, None, None)
            for one in self.compared
        ]

    def hidden(self) -> list[BoundField]:
        """The revisions that the page shows."""
        return [self[f"seen_{one.row.id}"] for one in self.open]

    def clean(self) -> dict[str, object]:
        """Words where a verdict needs them, and a basis where anything is refused."""
        cleaned: dict[str, object] = super().clean() or self.cleaned_data
        for_all = self._said("verdict")
        own = {one.row.id: self._said(f"verdict_{one.row.id}") for one in self.open}
        follows = [number for number, verdict in own.items() if not verdict]
        if follows and for_all and for_all not in SILENT and not self._said("text"):
            self.add_error("text", gettext("Write the reason; the other side reads it."))
        for number, verdict in own.items():
            if verdict not in {"", LEAVE} and verdict not in SILENT and not self._said(f"text_{number}"):
                self.add_error(f"text_{number}", gettext("Write the reason; the other side reads it."))
        refused = "refuse" in own.values() or (bool(follows) and for_all == "refuse")
        if refused and not self._said("basis"):
            self.add_error("basis", gettext("A refusal has to name its legal basis, with the article."))
        return cleaned

    def rulings(self) -> Iterator[exchange.Ruling]:
        """What is decided, request by request; those left for now are not among them."""
        for one in self.open:
            number = one.row.id
            own = self._said(f"verdict_{number}")
            for verdict in self.verdicts:
                if verdict != (own or self._said("verdict")):
                    continue
                text = self._said(f"text_{number}") or ("" if own else self._said("text"))
                basis = self._said("basis") if verdict == "refuse" else ""
                seen = int(self.cleaned_data[f"seen_{number}"])
                yield exchange.Ruling(number, seen, verdict, text, basis)

    def _said(self, name: str) -> str:
        return str(self.cleaned_data.get(name) or "").strip()
