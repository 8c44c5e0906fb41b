"""What an integrator reads: the OpenAPI document of a grant or a sandbox as a page, and as a file.

The document comes from the gateway itself, asked with the agency's console key, so that the page cannot say another
thing than what is served.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET

from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.identity import public as identity
from yiwang.blocks.identity.public import DATA_OFFICER, Actor
from yiwang.client import Client
from yiwang.client.caller import Options
from yiwang.portal import code, formats
from yiwang.portal.account.access import actor, requires
from yiwang.portal.own_gateway import through
from yiwang.portal.problems import explained

SANDBOX = "/sandbox"
PATIENCE = Options(timeout=10.0, retries=0, longest_wait=1.0)


class Titled(msgspec.Struct, frozen=True, kw_only=True):
    """An item by its wire name and titles."""

    name: str
    title: str
    title_en: str = ""

    @property
    def shown(self) -> str:
        """Its title in the language of the page."""
        return formats.pick(self.title, self.title_en)


class Field(Titled, frozen=True, kw_only=True):
    """An item that is answered."""

    type: str
    mask: str | None
    example: object

    @property
    def sample(self) -> str:
        """The example as JSON has it."""
        return json.dumps(self.example, ensure_ascii=False)


class Lookup(Titled, frozen=True, kw_only=True):
    """An item that may be looked up by."""

    operators: tuple[str, ...]
    required: bool
    example: object


class Fault(msgspec.Struct, frozen=True):
    """An error that a caller can meet."""

    code: str
    status: int
    final: bool
    detail: str
    detail_en: str
    mend: str
    mend_en: str

    @property
    def text(self) -> str:
        """What is wrong."""
        return formats.pick(self.detail, self.detail_en)

    @property
    def advice(self) -> str:
        """What to do."""
        return formats.pick(self.mend, self.mend_en)


class _Listed(msgspec.Struct, frozen=True):
    fields: tuple[Field, ...]
    lookups: tuple[Lookup, ...]
    claims: tuple[str, ...]
    rows_per_call: int
    question: dict[str, object]
    answer: dict[str, object]


class _Document(msgspec.Struct, frozen=True):
    paths: dict[str, object]
    listed: _Listed = msgspec.field(name="x-yw-reference")
    errors: tuple[Fault, ...] = msgspec.field(name="x-yw-errors")


@dataclass(frozen=True)
class Reference:
    """A document as the page lists it."""

    paths: tuple[str, ...]
    fields: tuple[Field, ...]
    lookups: tuple[Lookup, ...]
    claims: tuple[str, ...]
    errors: tuple[Fault, ...]
    rows_per_call: int
    question: list[SafeString]
    answer: list[SafeString]

    @property
    def first(self) -> Lookup | None:
        """The look-up that an example gives."""
        return next((one for one in self.lookups if one.required), next(iter(self.lookups), None))


def gateway(me: Actor, now: datetime, *, sandbox: bool, patience: Options = PATIENCE) -> Client:
    """The gateway, or its sandbox, as the agency's console calls it. Raises: ClientNotActive, KeysNotWired."""
    _client, key = identity.console_key(me.agency, now=now)
    if sandbox:
        return Client(settings.YW_GATEWAY_URL + SANDBOX, key, options=PATIENCE)
    return through(key, patience)


def asked(me: Actor, resource: str, grant: str, now: datetime, *, sandbox: bool) -> dict[str, object]:
    """The OpenAPI document. Raises: ClientError, where the gateway does not give it."""
    with gateway(me, now, sandbox=sandbox) as caller:
        return caller.openapi(resource, grant=grant)


def listed(document: dict[str, object]) -> Reference:
    """The document in the lists of the page."""
    read = msgspec.convert(document, _Document)
    return Reference(
        paths=tuple(read.paths),
        fields=read.listed.fields,
        lookups=read.listed.lookups,
        claims=read.listed.claims,
        errors=read.errors,
        rows_per_call=read.listed.rows_per_call,
        question=_lines(read.listed.question),
        answer=_lines(read.listed.answer),
    )


def as_file(document: dict[str, object], name: str) -> HttpResponse:
    """The document as a download."""
    text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    response = HttpResponse(text, content_type="application/json; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}-openapi.json"'
    return response


@require_GET
@requires(DATA_OFFICER)
@explained
def page(request: HttpRequest, grant_id: str) -> HttpResponse:
    """The reference of a grant, for the agency that holds it."""
    me = actor(request)
    view = _held(me, grant_id)
    document = asked(me, view.resource, view.id, timezone.now(), sandbox=False)
    facts = {
        "tab": "grants",
        "unread": exchange.unread_count(me),
        "view": view,
        "reference": listed(document),
    }
    return render(request, "share/reference.html", facts)


@require_GET
@requires(DATA_OFFICER)
@explained
def download(request: HttpRequest, grant_id: str) -> HttpResponse:
    """The OpenAPI document of a grant."""
    me = actor(request)
    view = _held(me, grant_id)
    return as_file(asked(me, view.resource, view.id, timezone.now(), sandbox=False), view.id)


def _held(me: Actor, grant_id: str) -> exchange.GrantView:
    view = exchange.grant(me, grant_id, timezone.now())
    if view.consumer != me.agency:
        raise exchange.GrantUnknown(grant=grant_id)
    return view


def _lines(value: object) -> list[SafeString]:
    return code.lines(json.dumps(value, ensure_ascii=False, indent=2), "json")
