"""What stands in a form, kept while it is written: after each field by script, by the button without one."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib import messages
from django.forms import BooleanField, Form, MultipleChoiceField
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext

from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.identity.public import Actor
from yiwang.portal import formats
from yiwang.portal.desk.page import said, seen
from yiwang.vocabulary.errors import YwError

_NAME = re.compile("[0-9a-f]{32}")


@dataclass(frozen=True)
class Keeping:
    """What a form says of itself: the revision it knows, since when it is kept, whose it is, which page saved it last.

    `restored`: the page shows what was kept, not what was saved. `outrun`: the request was changed since then.
    """

    known: int
    at: str
    keeper: str
    restored: bool
    outrun: bool
    answered: bool
    window: str


def facts(request: HttpRequest, me: Actor, kept: exchange.KeptView | None, revision: int | None) -> Keeping:
    """What the page of a form needs; `revision` is that of the request it is about."""
    posted = request.method == "POST"
    return Keeping(
        known=kept.revision if kept else 0,
        at=formats.lately(kept.saved_at, timezone.now()) if kept else "",
        keeper=hashlib.sha256(f"{me.user_id}|{me.agency}".encode()).hexdigest()[:12],
        restored=kept is not None and not posted,
        outrun=kept is not None and not posted and kept.seen != revision,
        answered=posted,
        window=kept.window if kept else "",
    )


def initial_of(form: Form, kept: exchange.KeptView) -> dict[str, object]:
    """The form's values as they were kept; a box that was not ticked is not ticked, what was not sent is as it began."""
    values: dict[str, object] = {}
    for name, field in form.fields.items():
        given = kept.values.get(name, [])
        if isinstance(field, MultipleChoiceField):
            values[name] = given
        elif isinstance(field, BooleanField):
            values[name] = bool(given)
        elif given:
            values[name] = given[0]
    return values


def gathered(request: HttpRequest, names: Iterable[str]) -> dict[str, list[str]]:
    """What was sent of these fields, as it stands."""
    return {name: request.POST.getlist(name) for name in names if name in request.POST}


def keep(request: HttpRequest, me: Actor, subject: str, names: Iterable[str]) -> exchange.KeptView | None:
    """Keep a form whose button was pressed too early, and say so; None when it could not be kept."""
    try:
        _keep(request, me, subject, names)
    except YwError as error:
        messages.error(request, said(error))
        return None
    messages.info(
        request, gettext("What you wrote is kept; it is no draft yet. Correct what is named to save it.")
    )
    return exchange.kept_form(me, subject)


def answer(request: HttpRequest, me: Actor, subject: str, names: Iterable[str]) -> HttpResponse:
    """The line under the form: saved at, or why not. 409 when another window came first."""
    known = _number(request, "kept")
    try:
        revision = _keep(request, me, subject, names)
    except exchange.KeptElsewhere as error:
        newer = exchange.kept_form(me, subject)
        told = {"known": known, "problem": said(error), "over": newer.revision if newer else 0}
        return render(request, "share/kept.html", told, status=409)
    except exchange.ExchangeError as error:
        return render(request, "share/kept.html", {"known": known, "problem": said(error)}, status=409)
    now = timezone.now()
    return render(request, "share/kept.html", {"known": revision, "at": formats.lately(now, now)})


def forget(request: HttpRequest, me: Actor, subject: str, back: str) -> HttpResponse:
    """Forget what was kept, and start over or go on from the list."""
    exchange.forget_form(me, subject)
    messages.success(request, gettext("What you had begun is discarded."))
    return HttpResponseRedirect(back)


def _keep(request: HttpRequest, me: Actor, subject: str, names: Iterable[str]) -> int:
    return exchange.keep_form(
        me, subject, gathered(request, names), timezone.now(), known=_number(request, "kept"), seen=seen(request),
        window=exchange.FormWindow(_name(request, "window"), _number(request, "turn"), _name(request, "before")),
    )  # fmt: skip


def _name(request: HttpRequest, name: str) -> str:
    """A page's name; what is no name is none."""
    text = request.POST.get(name, "")
    return text if _NAME.fullmatch(text) else ""


def _number(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0
