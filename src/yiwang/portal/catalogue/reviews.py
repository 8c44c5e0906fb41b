"""Texts on their way to publication: the queue, and one text with the next step."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from yiwang.blocks.catalogue import public as catalogue
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.identity.public import Actor
from yiwang.portal import formats
from yiwang.portal.account.access import actor, requires
from yiwang.portal.desk.page import DESK, draw, said
from yiwang.portal.problems import explained
from yiwang.vocabulary.errors import YwError

STEPS: dict[str, str | Promise] = {
    "submit": _("Submitted for review"), "pass_review": _("Reviewed"), "clear": _("Cleared for secrecy"),
    "return": _("Returned to its writer"), "recall": _("Recalled"),
}  # fmt: skip
NEXT: dict[str, tuple[tuple[str, str | Promise], ...]] = {
    "": (("submit", _("Submit for review")),),
    "review": (("pass_review", _("Find it right")), ("return", _("Return it"))),
    "secrecy": (("clear", _("Nothing secret in it")), ("return", _("Return it"))),
    "approved": (("publish", _("Publish")), ("recall", _("Recall"))),
}  # fmt: skip


@require_GET
@requires(*DESK)
@explained
def queue(request: HttpRequest) -> HttpResponse:
    """Texts under review in my reach."""
    me = actor(request)
    rows = [(row, _stage(row.stage)) for row in catalogue.review_queue(me)]
    return draw(request, me, "catalogue/reviews.html", "entry-reviews", {"rows": rows})


@require_http_methods(["GET", "POST"])
@requires(*DESK)
@explained
def case(request: HttpRequest, code: str) -> HttpResponse:
    """One text: what it says, what it changes, who had it in hand, and the step that is mine."""
    me = actor(request)
    problem = ""
    if request.method == "POST":
        try:
            _step(me, code, request.POST.get("step", ""), request.POST.get("note", "").strip()[:2000])
        except YwError as error:
            problem = said(error)
        else:
            messages.success(request, gettext("Done."))
            return HttpResponseRedirect(reverse("catalogue:reviews"))
    found = catalogue.review_case(me, code)
    facts = {
        "case": found, "stage": _stage(found.waiting.stage), "problem": problem,
        "changes": [formats.pick(change.zh, change.en) for change in found.changes],
        "steps": [(step, STEPS[step.kind]) for step in found.steps],
        "next": NEXT[found.waiting.stage] if found.waiting.mine else (),
    }  # fmt: skip
    return draw(request, me, "catalogue/review.html", "entry-reviews", facts, 422 if problem else 200)


def _step(me: Actor, code: str, step: str, note: str) -> None:
    now = timezone.now()
    match step:
        case "submit":
            catalogue.submit_for_review(me, code, now, note)
        case "pass_review":
            catalogue.pass_review(me, code, now, note)
        case "clear":
            catalogue.clear_secrecy(me, code, note, now)
        case "return":
            catalogue.return_from_review(me, code, note, now)
        case "recall":
            catalogue.recall_from_review(me, code, now, note)
        case "publish":
            exchange.publish_resource(me, code, now, note[:500])
        case _:
            raise catalogue.ResourceUnknown(resource=code)


def _stage(stage: catalogue.Stage) -> str:
    return formats.pick(*catalogue.STAGE_WORDS[stage])
