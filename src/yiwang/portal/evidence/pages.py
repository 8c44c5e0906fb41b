"""Pages of evidence: the tree heads, a leaf with its proof, and finding leaves by request id."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote

import msgspec
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.identity.public import DATA_OFFICER, WEAK_PREFIX, Actor, actor_of
from yiwang.blocks.journal import public as journal
from yiwang.portal.account.access import actor, public_view
from yiwang.portal.evidence.path import merkle_path, short
from yiwang.portal.evidence.trust import own_trust
from yiwang.portal.evidence.words import leaf_words
from yiwang.portal.problems import explained
from yiwang.vocabulary.envelope import MACS
from yiwang.vocabulary.evidence import Head, Leaf, parse_head, parse_instant, verify_head

LONGEST_ID = 100


def frame(me: Actor | None) -> dict[str, object]:
    """What every page of evidence gives to its frame."""
    return {"tab": "evidence", "unread": exchange.unread_count(me) if me else 0}


@public_view
@require_GET
@explained
def home(request: HttpRequest) -> HttpResponse:
    """The latest signed head of every log, for everybody: the more people keep them, the less can be changed unseen."""
    trust = own_trust()
    heads: list[tuple[Head, datetime, str, bool | None]] = []
    for signed in journal.heads():
        head = parse_head(signed.head)
        good = None if trust is None else not verify_head(head, signed.signature, trust)
        heads.append((head, parse_instant(head.time), short(head.root), good))
    facts = {"heads": heads, "trust": trust, "total": sum(head.size for head, *_ in heads)}
    return render(request, "evidence/home.html", frame(actor_of(request)) | facts)


@require_GET
@explained
def find(request: HttpRequest) -> HttpResponse:
    """Go to a leaf by `gw1/184,302` or by the request id of a call."""
    me = actor(request)
    text = request.GET.get("q", "").strip()[:LONGEST_ID]
    log, slash, number = text.replace(",", "").replace("，", "").partition("/")
    if slash and number.isdecimal() and len(number) < 16 and journal.evidence(me, log, int(number)):
        return HttpResponseRedirect(reverse("evidence:leaf", args=[log, int(number)]))
    found = journal.evidence_by_request(me, text) if text and not slash else []
    if len(found) == 1:
        return HttpResponseRedirect(reverse("evidence:leaf", args=[found[0].log, found[0].index]))
    rows = [(one, leaf_words(one.leaf), parse_instant(one.leaf.time)) for one in found]
    facts = frame(me) | {"q": text, "rows": rows}
    return render(request, "evidence/find.html", facts, status=200 if rows or not text else 404)


@require_GET
@explained
def leaf(request: HttpRequest, log: str, index: int) -> HttpResponse:
    """One leaf: the facts, the signed head, and the proof drawn. Only for its parties and those who watch the node."""
    me = actor(request)
    view = _seen(me, log, index)
    head = parse_head(view.receipt.head)
    path = merkle_path(head.suite, view.receipt.leaf, index, head.size, view.receipt.proof, head.root)
    trust = own_trust()
    findings = verify_head(head, view.receipt.signature, trust) if trust else None
    facts = {
        "view": view,
        "leaf": view.leaf,
        "words": leaf_words(view.leaf),
        "time": parse_instant(view.leaf.time),
        "head": head,
        "head_time": parse_instant(head.time),
        "path": path,
        "findings": findings,
        "signed": findings == [],
        "unsealed": bool(findings),
        "good": path.fits and not findings,
        "badge": "verified" if path.fits and not findings else "mismatch",
        "signature": view.receipt.signature,
        "detail": sorted((view.leaf.detail or {}).items()),
        "key_short": short(head.key),
        "session": journal.session_of(me, view),
        "in_session": view.leaf.request_alg in MACS,
        **_beyond(me, view.leaf),
        "weak": (view.leaf.client or "").startswith(WEAK_PREFIX),
    }
    return render(request, "evidence/leaf.html", frame(me) | facts)


@require_GET
@explained
def part(request: HttpRequest, log: str, index: int) -> HttpResponse:
    """The part of an evidence file that the node keeps: leaf, proof, head and signature."""
    view = _seen(actor(request), log, index)
    body = msgspec.json.format(msgspec.json.encode(view.receipt), indent=2) + b"\n"
    answer = HttpResponse(body, content_type="application/json; charset=utf-8")
    name = gettext("evidence") + f"-{log}-{index}.json"
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return answer


def _beyond(me: Actor, leaf: Leaf) -> dict[str, object]:
    """Whose resource it is, and whether the reader may say that what was received is wrong."""
    code, _at, owner = (leaf.resource or "").partition("@")
    ours = not owner or owner == settings.YW_NODE
    received = leaf.kind in ("query", "verify") and leaf.consumer == me.agency and me.has(DATA_OFFICER)
    return {
        "code": code,
        "owner": settings.YW_NODE if ours else owner,
        "routed": not ours,
        "disputes": bool(code) and received,
    }


def _seen(me: Actor, log: str, index: int) -> journal.EvidenceView:
    view = journal.evidence(me, log, index)
    if view is None:
        raise Http404
    return view
