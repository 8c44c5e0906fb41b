"""Steps that need words: return, reject, refuse, extend. Each is a dialog, and the same form as a page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.identity.public import Actor
from yiwang.vocabulary.laws import law_reference, laws

Words = str | Promise
LONGEST = 2000


@dataclass(frozen=True)
class Step:
    """A step with its words. `extra` names the second field, where the law asks for one."""

    name: str
    button: Words
    title: Words
    consequence: Words
    ask: Words
    done: Words
    extra: str = ""
    dangerous: bool = False


STEPS = {
    step.name: step
    for step in (
        Step(
            "return", _("Ask for correction"), _("Return %(id)s for correction?"),
            _("The consumer corrects it and hands it in again; the clock stops and then starts anew."),
            _("What has to be corrected"), _("%(id)s was returned for correction."),
        ),
        Step(
            "reject", _("Do not pass"), _("Do not pass %(id)s?"),
            _("This ends the request. The consumer may ask again with a new one."),
            _("Why it does not pass"), _("%(id)s did not pass the formal review."), dangerous=True,
        ),
        Step(
            "refuse", _("Refuse"), _("Refuse %(id)s?"),
            _("This ends the request. The consumer reads the reason and the legal basis; the data bureau sees both."),
            _("Why it is refused"), _("%(id)s was refused."), extra="basis", dangerous=True,
        ),
        Step(
            "extend", _("Extend"), _("Extend the answer to %(id)s?"),
            _("The deadline can be extended once, with the consent of the head of your agency."),
            _("Why more time is needed"), _("The answer to %(id)s was extended."), extra="consent",
        ),
    )
}  # fmt: skip


class StepForm(forms.Form):
    """The words of a step."""

    def __init__(self, step: Step, number: str, data: object = None) -> None:
        super().__init__(data=data, auto_id=f"{step.name}-%s")  # type: ignore[arg-type]
        self.step = step
        self.heading = str(step.title) % {"id": number}
        self.fields["text"] = forms.CharField(
            label=str(step.ask), max_length=LONGEST, widget=forms.Textarea, help_text=_("The other side reads this."),
            error_messages={"required": _("Write the reason; the other side reads it.")},
        )  # fmt: skip
        if step.extra == "basis":
            self.fields["basis"] = forms.CharField(
                label=_("Legal basis"), max_length=300,
                help_text=_("The law, administrative regulation or state rule, with its article."),
                widget=forms.TextInput(attrs={"list": "law-list"}),
                error_messages={"required": _("A refusal has to name its legal basis, with the article.")},
            )  # fmt: skip
        if step.extra == "consent":
            self.fields["consent"] = forms.CharField(
                label=_("Who consented"), max_length=100, help_text=_("Name and office of the head of the agency."),
                error_messages={"required": _("Name the head of your agency who consented.")},
            )  # fmt: skip


def law_list() -> list[str]:
    """Articles that a refusal may stand on, as suggestions beside the box."""
    return [
        law_reference(f"law:{law.id}#{article}").text("zh") for law in laws().values() for article in law.articles
    ]  # fmt: skip


def take(me: Actor, name: str, number: str, form: StepForm, now: datetime, seen: int | None) -> None:
    """Do the step with the words of a valid form. Raises: what the exchange raises."""
    text = str(form.cleaned_data["text"])
    match name:
        case "return":
            exchange.return_request(me, number, text, now, seen=seen)
        case "reject":
            exchange.reject_request(me, number, text, now, seen=seen)
        case "refuse":
            exchange.refuse_request(me, number, text, str(form.cleaned_data["basis"]), now, seen=seen)
        case _:
            exchange.extend_request(me, number, text, str(form.cleaned_data["consent"]), now, seen=seen)


def step_form(request: HttpRequest, name: str, number: str) -> StepForm:
    """The form of a step, filled by what was sent."""
    return StepForm(STEPS[name], number, request.POST if request.method == "POST" else None)
