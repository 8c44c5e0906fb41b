"""What a page says when a block refuses: the error's own words, with a status that fits."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from yiwang.blocks.identity.public import AgencyOutOfReach, NotAllowed
from yiwang.portal import formats
from yiwang.vocabulary.errors import YwError

P = ParamSpec("P")
HIDDEN = ("-unknown", "-not-found")
HIDDEN_HEAD = "no-such-"
FORBIDDEN = ("-not-allowed", "-not-yours")


def status_of(error: YwError) -> int:
    """404 for what is not there or hidden (they look the same), 403 for what one may not do, 409 for the rest."""
    if error.code.endswith(HIDDEN) or error.code.startswith(HIDDEN_HEAD):
        return 404
    return 403 if error.code.endswith(FORBIDDEN) else 409


def explained(
    view: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """A view whose refusals become pages of their own; questions of role stay with the account middleware."""

    @wraps(view)
    def shown(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except (NotAllowed, AgencyOutOfReach):
            raise
        except YwError as error:
            return explain(request, error)

    return shown


def explain(request: HttpRequest, error: YwError) -> HttpResponse:
    """The page of one refusal."""
    status = status_of(error)
    language = formats.language()
    facts = {"reason": error.text(language), "mend": error.mend(language), "code": error.code, "error": error}
    name = {404: "errors/404.html", 403: "errors/403.html"}.get(status, "errors/refused.html")
    return render(request, name, facts, status=status)
