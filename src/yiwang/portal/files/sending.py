"""Uploads from the browser: tus 1.0 at the pages' own address, passed on to the gateway under the agency's signature."""

from __future__ import annotations

import re

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from yiwang.blocks.identity.public import DATA_OFFICER
from yiwang.client import ClientError, GatewayRefused
from yiwang.client.files import TUS, Files
from yiwang.portal import formats
from yiwang.portal.account.access import actor, requires
from yiwang.portal.files.pages import LARGEST_WITHOUT_SCRIPT
from yiwang.portal.problems import explained
from yiwang.portal.share.reference import gateway
from yiwang.vocabulary.errors import YwError
from yiwang.vocabulary.manifest import CHUNK

_NUMBER = re.compile(r"[0-9]{1,15}")


@require_POST
@requires(DATA_OFFICER)
def announce(request: HttpRequest, code: str) -> HttpResponse:
    """Announce a file; the answer's Location takes its pieces."""
    name, length = request.POST.get("name", ""), request.POST.get("length", "")
    if not _NUMBER.fullmatch(length):
        return JsonResponse({"detail": gettext("The file has no length.")}, status=400)
    try:
        with gateway(actor(request), timezone.now(), sandbox=False) as client:
            file = Files(client).announce(
                code,
                name,
                int(length),
                media=request.POST.get("media") or None,
                mark=request.POST.get("mark", "")[:64],
            )
    except YwError as error:
        return _refused(error)
    return _said(201, {"Location": reverse("share:file-piece", args=[file])})


@require_http_methods(["HEAD", "PATCH"])
@requires(DATA_OFFICER)
def piece(request: HttpRequest, file: str) -> HttpResponse:
    """How far an upload has come, or its next piece."""
    try:
        with gateway(actor(request), timezone.now(), sandbox=False) as client:
            if request.method == "HEAD":
                standing = Files(client).standing(file)
                told = {"Upload-Offset": str(standing.offset), "Upload-Length": str(standing.length)}
                return _said(200, told | {"YW-File-State": standing.state})
            offset = request.headers.get("Upload-Offset", "")
            if not _NUMBER.fullmatch(offset):
                return JsonResponse({"detail": "Upload-Offset"}, status=400)
            after = Files(client).append(
                file, int(offset), request.body, checksum=request.headers.get("Upload-Checksum")
            )
    except YwError as error:
        return _refused(error)
    return _said(204, {"Upload-Offset": str(after)})


@require_POST
@requires(DATA_OFFICER)
@explained
def whole(request: HttpRequest, code: str) -> HttpResponse:
    """A whole file as a form sends it, where no script cuts it into pieces."""
    back = HttpResponseRedirect(reverse("share:files", args=[code]))
    given = request.FILES.get("file")
    if given is None or given.size is None or given.name is None:
        messages.error(request, gettext("Choose a file."))
        return back
    if given.size > LARGEST_WITHOUT_SCRIPT:
        messages.error(request, gettext("Without scripts at most 64 MB; larger files: yw client upload."))
        return back
    with gateway(actor(request), timezone.now(), sandbox=False) as client:
        files, offset = Files(client), 0
        file = files.announce(code, given.name, given.size)
        for part in given.chunks(CHUNK):
            offset = files.append(file, offset, part)
    messages.success(request, gettext("The file has arrived and is being checked."))
    return back


def _said(status: int, headers: dict[str, str]) -> HttpResponse:
    return HttpResponse(status=status, headers={**TUS, **headers, "Cache-Control": "no-store"})


def _refused(error: YwError) -> HttpResponse:
    """The refusal in the person's language; no answer from the gateway is no answer of the pages."""
    language = formats.language()
    status = (
        error.status if isinstance(error, GatewayRefused) else 503 if isinstance(error, ClientError) else 400
    )
    body = {"code": error.code, "detail": error.text(language), "mend": error.mend(language)}
    return JsonResponse(body, status=status, headers=TUS)
