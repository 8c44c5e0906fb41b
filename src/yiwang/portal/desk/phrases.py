"""Kept texts of an agency's decisions: the list, one of them, and how a decision takes one."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yiwang.blocks.exchange import public as exchange
from yiwang.portal import formats
from yiwang.portal.account.access import actor, requires
from yiwang.portal.desk.page import DESK, draw
from yiwang.portal.desk.steps import law_list
from yiwang.portal.problems import explained

STEP_WORDS = {
    "approve": _("Grant"), "return": _("Ask for correction"), "refuse": _("Refuse"), "reject": _("Do not pass"),
}  # fmt: skip


class PhraseFields(forms.Form):
    """A kept text."""

    step = forms.ChoiceField(label=_("For the step"), choices=list(STEP_WORDS.items()))
    title = forms.CharField(
        label=_("Name"), max_length=60, help_text=_("You choose the text by it."),
        error_messages={"required": _("Give the text a name.")},
    )  # fmt: skip
    text = forms.CharField(
        label=_("Text"), max_length=2000, widget=forms.Textarea,
        error_messages={"required": _("Write the text.")},
    )  # fmt: skip
    basis = forms.CharField(
        label=_("Legal basis"), max_length=300, required=False,
        help_text=_("For a refusal: the law, regulation or state rule, with its article."),
        widget=forms.TextInput(attrs={"list": "law-list"}),
    )  # fmt: skip

    def blame(self, error: exchange.FormInvalid) -> None:
        """Put what the exchange found wrong beside the fields it is about."""
        for problem in error.problems:
            self.add_error(problem.where, formats.pick(problem.zh, problem.en))


@require_GET
@requires(*DESK)
@explained
def listing(request: HttpRequest) -> HttpResponse:
    """The texts of my agency, by step."""
    me = actor(request)
    found = exchange.phrases(me)
    groups = [(words, [one for one in found if one.step == step]) for step, words in STEP_WORDS.items()]
    facts = {"groups": [(words, rows) for words, rows in groups if rows], "total": len(found)}
    return draw(request, me, "desk/phrases.html", "phrases", facts)


@require_http_methods(["GET", "POST"])
@requires(*DESK)
@explained
def edit(request: HttpRequest, phrase_id: int | None = None) -> HttpResponse:
    """A new text, or another wording of one."""
    me = actor(request)
    known = None
    if phrase_id is not None:
        known = next((one for one in exchange.phrases(me) if one.id == phrase_id), None)
        if known is None:
            raise Http404
    first = (
        {"step": known.step, "title": known.title, "text": known.text, "basis": known.basis} if known else {}
    )
    form = PhraseFields(request.POST if request.method == "POST" else None, initial=first)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            exchange.keep_phrase(
                me,
                given["step"],
                given["title"],
                given["text"],
                timezone.now(),
                basis=given["basis"],
                phrase=phrase_id,
            )
        except exchange.FormInvalid as error:
            form.blame(error)
        except exchange.PhraseTaken as error:
            form.add_error("title", error.text(formats.language()))
        else:
            messages.success(request, gettext("The text “%(title)s” is kept.") % {"title": given["title"]})
            return HttpResponseRedirect(reverse("desk:phrases"))
    places = [(name, formats.pick(*words)) for name, words in exchange.PLACEHOLDERS.items()]
    facts = {"form": form, "known": known, "places": places, "laws": law_list()}
    return draw(request, me, "desk/phrase.html", "phrases", facts, 422 if form.errors else 200)


@require_POST
@requires(*DESK)
@explained
def drop(request: HttpRequest, phrase_id: int) -> HttpResponse:
    """Keep it no longer."""
    exchange.drop_phrase(actor(request), phrase_id)
    messages.success(request, gettext("The text is kept no longer."))
    return HttpResponseRedirect(reverse("desk:phrases"))
