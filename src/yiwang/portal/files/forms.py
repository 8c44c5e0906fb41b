"""How a resource is exchanged by file, as a form."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from yiwang.blocks.files import public as files

_MIB = 1 << 20
MEDIA = tuple(
    (media, suffix.removeprefix(".").upper())
    for suffix, media in files.BY_SUFFIX.items()
    if suffix not in (".jpeg", ".tif")
)


class ShelfFields(forms.Form):
    """What is taken, and how long it is kept."""

    kinds = forms.MultipleChoiceField(
        label=_("Kinds of files"), choices=MEDIA, required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: every kind. The content has to be what the name says."),
    )  # fmt: skip
    largest = forms.IntegerField(label=_("Largest file (MB)"), min_value=1, max_value=1 << 20)
    after_delivery = forms.IntegerField(
        label=_("Days kept after everybody has it"), min_value=1, max_value=3650
    )
    unfetched = forms.IntegerField(label=_("Days kept when not fetched"), min_value=1, max_value=3650)

    def shelf(self) -> files.ShelfForm:
        """As the block takes it; only of a valid form."""
        given = self.cleaned_data
        return files.ShelfForm(
            largest=int(given["largest"]) * _MIB,
            media=tuple(str(one) for one in given["kinds"]),
            after_delivery=int(given["after_delivery"]),
            unfetched=int(given["unfetched"]),
        )


def initial_of(form: files.ShelfForm) -> dict[str, object]:
    """The form's first values."""
    return {
        "kinds": list(form.media), "largest": max(1, form.largest // _MIB), "after_delivery": form.after_delivery,
        "unfetched": form.unfetched,
    }  # fmt: skip
