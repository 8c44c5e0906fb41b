"""Catalogue entries of my agency: from a table in one page, edited by hand, published, withdrawn."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yiwang.blocks.catalogue import public as catalogue
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.identity.public import DATA_OFFICER, Actor
from yiwang.dataplane.connectors.errors import ConnectorError
from yiwang.portal import formats
from yiwang.portal.account.access import actor, requires
from yiwang.portal.desk.entry_form import BLANKS, EntryFields, Given
from yiwang.portal.desk.mapping import ServiceFields
from yiwang.portal.desk.page import OFFICE, draw, said, seen
from yiwang.portal.problems import explained
from yiwang.portal.share.catalogue import page_number
from yiwang.vocabulary.errors import YwError


@require_GET
@requires(*OFFICE)
@explained
def listing(request: HttpRequest) -> HttpResponse:
    """Entries of my agency in every state, with how they are connected."""
    me = actor(request)
    asked = request.GET.get("state", "")
    state = asked if asked in catalogue.STATES else ""
    found = catalogue.search_resources(me, mine=True, state=state, page=page_number(request))
    mounts = {mount.resource: mount for mount in exchange.mounts(me)}
    rows = [(row, mounts.get(row.code)) for row in found.rows]
    facts = {
        "found": found,
        "rows": rows,
        "state": state,
        "edits": me.has(DATA_OFFICER),
        "any_source": bool(exchange.sources(me)),
    }
    return draw(request, me, "desk/resources.html", "resources", facts)


@require_http_methods(["GET", "POST"])
@requires(DATA_OFFICER)
@explained
def from_table(request: HttpRequest, source_id: str) -> HttpResponse:
    """A table becomes an entry: proposed from its columns, corrected here, connected and published by one button."""
    me = actor(request)
    source = exchange.source(me, source_id)
    if source.agency != me.agency:
        raise Http404
    where = request.POST if request.method == "POST" else request.GET
    schema, relation = where.get("schema", ""), where.get("relation", "")
    facts: dict[str, object] = {"source": source, "schema": schema, "relation": relation}
    now = timezone.now()
    try:
        draft = exchange.propose_resource(me, source_id, schema, relation, now)
        table = exchange.source_relation(me, source_id, schema, relation)
    except ConnectorError as error:
        return draw(request, me, "desk/entry_new.html", "sources", {**facts, "error": error})
    known = _classifications(me)
    draft = replace(draft, classification=known[0] if known else "")
    key = table.keys[0] if table.keys else ()
    rows = [Given(item, table.column(item.wire), item.wire in key) for item in draft.items]
    form = EntryFields(draft, rows, request.POST if request.method == "POST" else None)
    service = ServiceFields(None, request.POST if request.method == "POST" else None)
    code = request.POST.get("code", "")
    shape = " ".join(f"{column.name}:{column.database_type}" for column in table.columns)
    if request.method == "POST" and request.POST.get("shape") != shape:
        form.table_errors.append(gettext("The table changed while this page was open. Open it again."))
    if request.method == "POST" and form.is_valid() and service.is_valid():
        code, done = _keep(request, me, form, service, source_id, schema, relation, code)
        if done is not None:
            return done
    skipped = [column for column in table.columns if column.type is None]
    facts |= {
        "form": form, "service": service, "table": table, "code": code, "classifications": known,
        "skipped": skipped, "shape": shape,
    }  # fmt: skip
    wrong = request.method == "POST"
    return draw(request, me, "desk/entry_new.html", "sources", facts, 422 if wrong else 200)


def _keep(
    request: HttpRequest,
    me: Actor,
    form: EntryFields,
    service: ServiceFields,
    source_id: str,
    schema: str,
    relation: str,
    code: str,
) -> tuple[str, HttpResponse | None]:
    """Draft, mount, then publish, so that nothing half-made is ever public; what failed is blamed on the form."""
    now = timezone.now()
    try:
        if code:
            catalogue.edit_resource(me, code, form.draft(), now)
        else:
            code = catalogue.create_resource(me, form.draft(), now)
        wish = service.mount(code, source_id, schema, relation, form.columns(), form.key())
        mount = exchange.mount_resource(me, wish, now)
        if request.POST.get("do") == "save":
            messages.success(
                request,
                gettext("Draft %(code)s is saved and connected. Publish it when it is ready.")
                % {"code": code},
            )
            return code, HttpResponseRedirect(reverse("desk:resource", args=[code]))
        exchange.publish_resource(me, code, now)
    except catalogue.ResourceInvalid as error:
        form.blame(error.problems)
    except exchange.FormInvalid as error:
        service.blame(error.problems, form.blame)
    except catalogue.TitleTaken as error:
        form.add_error("title", said(error))
    except YwError as error:
        form.add_error(None, said(error))
    else:
        messages.success(
            request,
            gettext("%(title)s is published and connected. Others can ask for it now.")
            % {"title": form.draft().title},
        )
        return code, HttpResponseRedirect(reverse("desk:mount", args=[mount]))
    return code, None


@require_http_methods(["GET", "POST"])
@requires(DATA_OFFICER)
@explained
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """Edit an entry; a published one keeps its edition until it is published again."""
    me = actor(request)
    view = catalogue.resource(me, code)
    if view.provider != me.agency:
        raise Http404
    draft = catalogue.draft(me, code)
    mount = next((one for one in exchange.mounts(me) if one.resource == code), None)
    form = EntryFields(
        draft, [Given(item) for item in draft.items], request.POST if request.method == "POST" else None,
        blanks=BLANKS, fixed=True,
    )  # fmt: skip
    both: list[str] = []
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        try:
            catalogue.edit_resource(me, code, form.draft(), now, seen=seen(request))
            if request.POST.get("do") == "publish":
                exchange.publish_resource(me, code, now, request.POST.get("note", "").strip()[:500])
        except catalogue.ResourceInvalid as error:
            form.blame(error.problems)
        except catalogue.TitleTaken as error:
            form.add_error("title", said(error))
        except catalogue.EditedMeanwhile as error:
            form.add_error(None, said(error))
            both = [formats.pick(c.zh, c.en) for c in catalogue.changes(draft, form.draft())]
        else:
            return _edited(request, code, connected=mount is not None)
    form.blame([p for p in catalogue.check_draft(draft) if p.warning])
    unpublished = view.has_draft or view.state == "draft"
    facts = {
        "both": both, "survey": exchange.survey(me, code), "reviewable": unpublished or bool(view.stage),
        "view": view, "form": form, "mount": mount, "changes": _changes(me, view),
        "versions": catalogue.versions(me, code), "edited": unpublished,
    }  # fmt: skip
    wrong = request.method == "POST"
    return draw(request, me, "desk/entry_edit.html", "resources", facts, 422 if wrong else 200)


@require_POST
@requires(DATA_OFFICER)
@explained
def autosave(request: HttpRequest, code: str) -> HttpResponse:
    """Keep what stands in the form as a draft while it is being written; nobody else's text is written over."""
    me = actor(request)
    view = catalogue.resource(me, code)
    if view.provider != me.agency:
        raise Http404
    draft = catalogue.draft(me, code)
    form = EntryFields(draft, [Given(item) for item in draft.items], request.POST, blanks=BLANKS, fixed=True)
    started = seen(request)
    facts: dict[str, object] = {"seen": started if started is not None else view.revision}
    if not form.is_valid():
        facts["problem"] = gettext("Not saved yet: something is not filled in as it must be.")
        return render(request, "desk/autosaved.html", facts)
    now = timezone.now()
    try:
        catalogue.edit_resource(me, code, form.draft(), now, seen=started)
    except catalogue.ResourceInvalid:
        facts["problem"] = gettext("Not saved yet: something is not filled in as it must be.")
    except YwError as error:
        facts["problem"] = said(error)
    else:
        facts |= {"seen": catalogue.resource(me, code).revision, "at": now}
    return render(request, "desk/autosaved.html", facts)


def _edited(request: HttpRequest, code: str, *, connected: bool) -> HttpResponse:
    if request.POST.get("do") != "publish":
        messages.success(request, gettext("Saved. The published edition stays until you publish this one."))
        return HttpResponseRedirect(reverse("desk:resource", args=[code]))
    if connected:
        messages.success(request, gettext("Published. New items answer once they are mapped to a column."))
    else:
        messages.success(request, gettext("Published. Connect a table so that it can be asked for."))
    return HttpResponseRedirect(reverse("desk:resource", args=[code]))


@require_POST
@requires(DATA_OFFICER)
@explained
def discard(request: HttpRequest, code: str) -> HttpResponse:
    """Forget the edition that was being written."""
    catalogue.discard_draft(actor(request), code, timezone.now())
    messages.success(request, gettext("The changes were discarded."))
    return HttpResponseRedirect(reverse("desk:resource", args=[code]))


@require_http_methods(["GET", "POST"])
@requires(DATA_OFFICER)
@explained
def withdraw(request: HttpRequest, code: str) -> HttpResponse:
    """Take an entry out of the catalogue, with a reason that its consumers read."""
    me = actor(request)
    view = catalogue.resource(me, code)
    if view.provider != me.agency:
        raise Http404
    reason = request.POST.get("reason", "").strip()[:1000]
    if request.method == "POST" and reason:
        exchange.withdraw_resource(me, code, reason, timezone.now())
        messages.success(
            request, gettext("%(title)s was withdrawn.") % {"title": formats.pick(view.title, view.title_en)}
        )
        return HttpResponseRedirect(reverse("desk:resources"))
    missing = request.method == "POST"
    facts = {"view": view, "missing": missing}
    return draw(request, me, "desk/entry_withdraw.html", "resources", facts, 422 if missing else 200)


def _changes(me: Actor, view: catalogue.ResourceView) -> list[str]:
    """Sentences on what the last edition changed."""
    if view.version < 2:
        return []
    found = catalogue.difference(me, view.code, view.version - 1, view.version)
    return [formats.pick(change.zh, change.en) for change in found]


def _classifications(me: Actor) -> list[str]:
    """Classifications of my agency's entries, the latest first: most often the next one is the same."""
    found = catalogue.search_resources(me, mine=True, state="", per_page=50)
    return list(dict.fromkeys(row.code.partition("/")[0] for row in found.rows))
