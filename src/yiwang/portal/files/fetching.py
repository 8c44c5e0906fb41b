"""Downloads in the browser: passed through from the gateway, resumable, confirmed when they are whole."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack

import httpx
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.identity.public import DATA_OFFICER
from yiwang.client import Client
from yiwang.client.files import Files
from yiwang.portal.account.access import actor, requires
from yiwang.portal.problems import explained
from yiwang.portal.share.reference import gateway
from yiwang.vocabulary.errors import YwError
from yiwang.vocabulary.manifest import Manifest

_log = logging.getLogger(__name__)
_RANGE = re.compile(r"bytes=([0-9]{1,15})-([0-9]{0,15})")


@require_GET
@requires(DATA_OFFICER)
@explained
def fetch(request: HttpRequest, grant_id: str, file: str) -> HttpResponseBase:
    """A file under a grant of the person's agency."""
    me, now = actor(request), timezone.now()
    view = exchange.grant(me, grant_id, now)
    purpose = purpose_of(request, [purpose.code for purpose in view.terms.purposes])
    return fetched(request, gateway(me, now, sandbox=False), file, purpose, grant_id)


def purpose_of(request: HttpRequest, allowed: Sequence[str]) -> str:
    """What a download is for: what was chosen of the grant's purposes, with the case that was given."""
    chosen = request.GET.get("purpose", "")
    purpose = chosen if chosen in allowed else allowed[0]
    case = request.GET.get("case", "").strip()[:100]
    return f"{purpose};case={case}" if case else purpose


def fetched(request: HttpRequest, through: Client, file: str, purpose: str, grant: str) -> HttpResponseBase:
    """The answer that carries a file on, confirmed once it is whole; `through` is closed with it. Raises: YwError."""
    with ExitStack() as held:
        client = held.enter_context(through)
        manifest, _evidence = Files(client).manifest(file, purpose=purpose, grant=grant)
        tag = f'"{manifest.hash}-{manifest.digest}"'
        span = _span(request, manifest.length, tag)
        if span is not None and span[0] > span[1]:
            return HttpResponse(status=416, headers={"Content-Range": f"bytes */{manifest.length}"})
        first, last = span or (0, manifest.length - 1)
        headers = {
            "Accept-Ranges": "bytes", "ETag": tag, "Content-Length": str(last - first + 1), "Cache-Control": "no-store",
            "Content-Disposition": content_disposition_header(as_attachment=True, filename=manifest.name) or "attachment",
            "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox",
        }  # fmt: skip
        if span is not None:
            headers["Content-Range"] = f"bytes {first}-{last}/{manifest.length}"
        body = _passed(held.pop_all(), client, manifest, (first, last), purpose, grant)
    return StreamingHttpResponse(
        body, status=200 if span is None else 206, content_type=manifest.media, headers=headers
    )


def _span(request: HttpRequest, length: int, tag: str) -> tuple[int, int] | None:
    """First and last byte of the one range asked for; None for the whole file."""
    found = _RANGE.fullmatch(request.headers.get("Range", ""))
    if found is None or request.headers.get("If-Range", tag) != tag:
        return None
    return int(found[1]), min(int(found[2]) if found[2] else length - 1, length - 1)


def _passed(
    held: ExitStack, client: Client, manifest: Manifest, span: tuple[int, int], purpose: str, grant: str
) -> Iterator[bytes]:
    """The bytes as they come from the gateway; whoever took the last one has the file, and that is confirmed."""
    files, sent = Files(client), 0
    with held:
        try:
            if manifest.length:
                with files.content(manifest, span[0], last=span[1], purpose=purpose, grant=grant) as pieces:
                    for piece in pieces:
                        sent += len(piece)
                        yield piece
            if span[1] == manifest.length - 1 and sent == span[1] - span[0] + 1:
                files.confirm(manifest, purpose=purpose, grant=grant)
        except (YwError, httpx.HTTPError) as broken:
            _log.warning("a download of %s broke off: %s", manifest.file, type(broken).__name__)
            raise ConnectionError("the gateway broke the download off") from broken
