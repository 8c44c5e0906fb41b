"""Who may open a page: nobody without signing in, unless the view is marked; roles by decorator.

@public_view            anyone
@while_pending          someone who gave the password but still owes a step (code, new password)
@requires("operator")   someone signed in who holds one of the roles
(nothing)               anyone signed in
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from django.http import HttpRequest, HttpResponseBase

from yiwang.blocks.identity import public as identity
from yiwang.blocks.identity.public import Actor, SignedIn, actor_of

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
V = TypeVar("V", bound=Callable[..., HttpResponseBase])

PUBLIC = "yw_public"
PENDING = "yw_while_pending"


def public_view(view: V) -> V:
    """Mark a view that visitors may open without signing in."""
    setattr(view, PUBLIC, True)
    return view


def while_pending(view: V) -> V:
    """Mark a view that belongs to signing in: it opens although a step is still owed."""
    setattr(view, PENDING, True)
    return view


def requires(*roles: str) -> Callable[[View[P]], View[P]]:
    """Open a view only to people who hold one of the roles; others get 403 with the names of the roles."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def checked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            actor(request).require(*roles)
            return view(request, *args, **kwargs)

        return checked

    return decorate


def actor(request: HttpRequest) -> Actor:
    """Who is signed in. Raises: NotAllowed, on a public page that a visitor opened."""
    found = actor_of(request)
    if found is None:
        raise identity.NotAllowed(roles=[])
    return found


def signed_in(request: HttpRequest) -> SignedIn:
    """The sign-in behind the request, also while a step is owed. Raises: NotAllowed, for a visitor."""
    found = getattr(request, "signed_in", None)
    if not isinstance(found, SignedIn):
        raise identity.NotAllowed(roles=[])
    return found


def is_marked(view: Callable[..., object], mark: str) -> bool:
    """Whether a view carries a mark (class-based views carry those of their `dispatch`)."""
    return bool(getattr(view, mark, False))
