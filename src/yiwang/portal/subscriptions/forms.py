"""Forms of subscriptions."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext_lazy as _

from yiwang.blocks.catalogue.public import ItemDraft
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.subscriptions import public as subs
from yiwang.portal.purposes import purpose_name


class SubscribeFields(forms.Form):
    """Which application follows, for what, and where its events are sent, if anywhere."""

    def __init__(self, grant: exchange.GrantView, clients: Iterable[str], data: object = None) -> None:
        super().__init__(data=data)  # type: ignore[arg-type]
        self.fields["client"] = forms.ChoiceField(
            label=_("Application"), choices=[(one, one) for one in clients],
            help_text=_("It fetches the events at the gateway with its own key."),
        )  # fmt: skip
        self.fields["purpose"] = forms.ChoiceField(
            label=_("Purpose"), choices=[(one.code, purpose_name(one).title) for one in grant.terms.purposes]
        )
        if grant.terms.case_required:
            self.fields["case"] = forms.CharField(label=_("Case number"), max_length=100)
        self.fields["url"] = _url(required=False)

    def purpose(self) -> str:
        """As a leaf has it; only of a valid form."""
        case = str(self.cleaned_data.get("case") or "").strip()
        chosen = str(self.cleaned_data["purpose"])
        return f"{chosen};case={case}" if case else chosen


class HookFields(forms.Form):
    """Where events are sent."""

    url = forms.CharField(
        label=_("Address of your receiver"), max_length=500,
        widget=forms.TextInput(attrs={"placeholder": "https://hook.example.cn/yiwang", "inputmode": "url"}),
        help_text=_("HTTPS. Every delivery is signed by the node; your receiver checks it and answers 2xx within 10 s."),
    )  # fmt: skip


class ReplayFields(forms.Form):
    """From when on events are given out again."""

    since = forms.DateTimeField(
        label=_("Again from"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )  # fmt: skip


class WayFields(forms.Form):
    """How changes are found at the source."""

    def __init__(self, items: Iterable[ItemDraft], feed: subs.FeedView, data: object = None) -> None:
        super().__init__(data=data, initial={"wish": feed.wish, "field": feed.cursor_field})  # type: ignore[arg-type]
        self.fields["wish"] = forms.ChoiceField(
            label=_("How changes are found"), widget=forms.RadioSelect,
            choices=[
                ("auto", _("From the database's log; where that cannot be read, by comparing")),
                ("compare", _("By comparing all rows from time to time")),
                ("cursor", _("By an item that only grows; deletions are not found")),
            ],
        )  # fmt: skip
        self.fields["field"] = forms.ChoiceField(
            label=_("Item that tells what is new"), required=False,
            choices=[("", "—"), *((item.wire, item.title) for item in items)],
        )  # fmt: skip


def _url(*, required: bool) -> forms.CharField:
    field = HookFields.base_fields["url"]
    return forms.CharField(
        label=field.label, max_length=500, widget=field.widget, help_text=field.help_text, required=required
    )
