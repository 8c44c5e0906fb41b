"""What every wish for data says, for one resource or for many: purpose, reason, limits."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yiwang.blocks.exchange import public as exchange
from yiwang.portal import formats
from yiwang.vocabulary.laws import laws

PURPOSES = 2
"""Purposes that the form has room for."""
PERIODS = (30, 90, 180, 365)


def law_choices(on: date) -> list[tuple[str, str]]:
    """Laws in force, for a select."""
    return [(law.id, law.name(formats.language())) for law in laws().values() if law.in_force(on)]


def law_title(law_id: str, article: str) -> str:
    """The Chinese name of a purpose by law, since it goes into requests and evidence: 《…》第21条."""
    return f"《{laws()[law_id].title}》第{article}条"


class WishFields(forms.Form):
    """Purpose, reason and limits."""

    def add_wish(self, today: date, longest: int) -> None:
        """Add the fields; `longest` is the longest validity in days."""
        for i in range(PURPOSES):
            self._add_purpose(i, today)
        self.fields["reason"] = forms.CharField(
            label=_("What for"), max_length=2000, widget=forms.Textarea,
            help_text=_("The work it is for and why these items are needed. The provider decides by this."),
            error_messages={"required": _("Say what the data is for.")},
        )  # fmt: skip
        self.fields["case_required"] = forms.BooleanField(
            label=_("Each call names the case number"), required=False,
            help_text=_("Then every reading can be traced to a case."),
        )  # fmt: skip

        def count(label: object, most: int = 10_000_000) -> forms.IntegerField:
            return forms.IntegerField(label=str(label), min_value=1, max_value=most)

        self.fields["calls_per_day"] = count(_("Calls a day"))
        self.fields["subjects_per_day"] = count(_("Different people or organisations a day"))
        self.fields["rows_per_call"] = count(_("Rows a call"), most=1000)
        self.fields["attempts_per_subject"] = count(_("Checks a day about one person"), most=1000)
        periods = sorted({p for p in PERIODS if p <= longest} | {longest})
        self.fields["days"] = forms.TypedChoiceField(
            label=_("Valid for"), coerce=int, choices=[(p, gettext("%(n)s days") % {"n": p}) for p in periods]
        )

    def _add_purpose(self, i: int, today: date) -> None:
        needed = i == 0
        self.fields[f"kind_{i}"] = forms.ChoiceField(
            label=_("Purpose") if needed else _("Another purpose"),
            required=needed, initial="item", widget=forms.RadioSelect,
            choices=(("item", _("A service item")), ("law", _("An article of law"))),
        )  # fmt: skip
        self.fields[f"code_{i}"] = forms.CharField(
            label=_("Code of the service item"), required=False, max_length=64,
            help_text=_("As in the list of service items; callers name it in every call.") if needed else "",
        )  # fmt: skip
        self.fields[f"title_{i}"] = forms.CharField(
            label=_("Name of the service item"), required=False, max_length=120
        )
        self.fields[f"title_en_{i}"] = forms.CharField(
            label=_("Its name in English"), required=False, max_length=160,
            help_text=_("English pages show it; without it the Chinese name.") if needed else "",
        )  # fmt: skip
        self.fields[f"law_{i}"] = forms.ChoiceField(
            label=_("Law"), required=False, choices=[("", "—"), *law_choices(today)]
        )
        self.fields[f"article_{i}"] = forms.RegexField(
            r"^[0-9]{1,4}(-[0-9]{1,2})?$", label=_("Article"), required=False,
            help_text=_("The number alone, such as 21.") if needed else "",
            error_messages={"invalid": _("Give the number of the article alone, such as 21.")},
        )  # fmt: skip

    def check_purposes(self, cleaned: dict[str, object]) -> None:
        """What only the form can know of the purposes; the exchange checks the rest."""
        for i in range(PURPOSES):
            if cleaned.get(f"kind_{i}") == "law" or cleaned.get(f"law_{i}"):
                continue
            code, title = cleaned.get(f"code_{i}"), cleaned.get(f"title_{i}")
            if i == 0 and not code:
                self.add_error(
                    "code_0", gettext("Give the code of the service item, or choose an article of law.")
                )
            if code and not title:
                self.add_error(f"title_{i}", gettext("Give the name of the service item."))
        for i in range(PURPOSES):
            if cleaned.get(f"kind_{i}") != "law":
                continue
            if i == 0 and not cleaned.get("law_0"):
                self.add_error("law_0", gettext("Choose the law."))
            if (
                cleaned.get(f"law_{i}")
                and not cleaned.get(f"article_{i}")
                and f"article_{i}" not in self.errors
            ):
                self.add_error(f"article_{i}", gettext("Give the article."))

    def _names(self, name: str) -> list[str]:
        value = self.cleaned_data.get(name)
        return [str(one) for one in value] if isinstance(value, list) else []

    def _text(self, name: str) -> str:
        return str(self.cleaned_data.get(name) or "")

    def _number(self, name: str) -> int:
        return int(self.cleaned_data[name])

    def purposes(self) -> Iterable[exchange.Purpose]:
        """The purposes of a valid form."""
        for i in range(PURPOSES):
            law, code = self._text(f"law_{i}"), self._text(f"code_{i}").strip()
            if self._text(f"kind_{i}") == "law":
                article = self._text(f"article_{i}")
                if law and article:
                    yield exchange.Purpose(f"law:{law}#{article}", law_title(law, article))
            elif code:
                yield exchange.Purpose(
                    f"item:{code.removeprefix('item:')}",
                    self._text(f"title_{i}").strip(),
                    self._text(f"title_en_{i}").strip(),
                )
