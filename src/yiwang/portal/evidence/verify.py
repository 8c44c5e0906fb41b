"""Anybody's evidence file, checked in public. Nothing of it is kept or logged: it may hold personal data."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from yiwang.blocks.identity.public import actor_of
from yiwang.portal import formats
from yiwang.portal.account.access import public_view
from yiwang.portal.evidence.checks import check
from yiwang.portal.evidence.pages import frame
from yiwang.portal.evidence.path import merkle_path
from yiwang.portal.evidence.trust import own_trust
from yiwang.portal.evidence.words import leaf_words
from yiwang.vocabulary.evidence import (
    Bundle,
    EvidenceError,
    Trust,
    parse_bundle,
    parse_head,
    parse_instant,
    parse_leaf,
    parse_trust,
)
from yiwang.vocabulary.sessions import SESSION_FORMAT, SessionBundle, parse_session_bundle

LIMIT = 2 * 1024 * 1024
TRUST_LIMIT = 256 * 1024
WHOLE_LIMIT = LIMIT + TRUST_LIMIT + 64 * 1024
"""Of the whole form; below Django's bound for keeping uploads in memory, so that none ever touches a disk."""


@csrf_exempt
@public_view
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest) -> HttpResponseBase:
    """The form and its result. The size is judged before the token, since reading the token reads the form."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if request.method == "POST" and (not length.isdecimal() or int(length) > WHOLE_LIMIT):
        return _draw(request, {"wrong": {"bundle": _too_long(LIMIT)}}, 413)
    return _checked(request)


@csrf_protect
@sensitive_post_parameters()
def _checked(request: HttpRequest) -> HttpResponse:
    own = own_trust()
    facts: dict[str, object] = {"own": own}
    if request.method != "POST":
        return _draw(request, facts)
    wrong: dict[str, str] = {}
    bundle = _bundle(request, wrong)
    trust = _trust(request, own, wrong)
    if bundle is None or trust is None:
        return _draw(
            request, facts | {"wrong": wrong}, 413 if wrong.get("bundle") == _too_long(LIMIT) else 422
        )
    verdict = check(bundle, trust)
    facts |= {"verdict": verdict, "trust": trust, "theirs": trust is not own, "unsealed": not verdict.sealed}
    return _draw(request, facts | _shown(bundle, titles=actor_of(request) is not None))


def _bundle(request: HttpRequest, wrong: dict[str, str]) -> Bundle | SessionBundle | None:
    data = _given(request, "bundle", LIMIT, wrong)
    if data is None:
        wrong.setdefault("bundle", gettext("Choose an evidence file, or paste its text."))
        return None
    try:
        within = SESSION_FORMAT.encode() in data[:200]
        return parse_session_bundle(data) if within else parse_bundle(data)
    except EvidenceError as error:
        wrong["bundle"] = error.text(formats.language())
        return None


def _trust(request: HttpRequest, own: Trust | None, wrong: dict[str, str]) -> Trust | None:
    data = _given(request, "trust", TRUST_LIMIT, wrong)
    if data is None:
        if own is None:
            wrong.setdefault("trust", gettext("This node has pinned no keys: give a trust file."))
        return None if "trust" in wrong else own
    try:
        return parse_trust(data)
    except EvidenceError as error:
        wrong["trust"] = error.text(formats.language())
        return None


def _given(request: HttpRequest, name: str, limit: int, wrong: dict[str, str]) -> bytes | None:
    """The bytes of the file chosen, else of the text pasted; None when there are none, or too many."""
    upload = request.FILES.get(name)
    text = request.POST.get(f"{name}_text", "").strip()
    size = upload.size or 0 if upload is not None else len(text.encode("utf-8"))
    if size > limit:
        wrong[name] = _too_long(limit)
        return None
    if upload is not None:
        return upload.read() or None
    return text.encode("utf-8") or None


def _too_long(limit: int) -> str:
    return gettext("It is larger than %(n)s KiB. Larger files: ./yw evidence verify") % {
        "n": f"{limit // 1024:,}"
    }


def _shown(given: Bundle | SessionBundle, *, titles: bool) -> dict[str, object]:
    """What the file is about, where it can be read."""
    bundle = given.call if isinstance(given, SessionBundle) else given
    try:
        leaf = parse_leaf(bundle.leaf)
        head = parse_head(bundle.head)
    except EvidenceError:
        return {}
    path = merkle_path(head.suite, bundle.leaf, bundle.index, head.size, bundle.proof, head.root)
    return {
        "leaf": leaf,
        "words": leaf_words(leaf, titles=titles),
        "time": parse_instant(leaf.time),
        "head": head,
        "head_time": parse_instant(head.time),
        "path": path,
        "index": bundle.index,
    }


def _draw(request: HttpRequest, facts: dict[str, object], status: int = 200) -> HttpResponse:
    limits = {"limit_mib": LIMIT // (1024 * 1024), "wrong": {}}
    answer = render(request, "evidence/verify.html", frame(actor_of(request)) | limits | facts, status=status)
    answer.headers["Cache-Control"] = "no-store"
    return answer
