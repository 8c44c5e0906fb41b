"""Data elements and code lists: lists, one with its versions and users, drafts, files."""

from __future__ import annotations

from dataclasses import asdict

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yiwang.blocks.identity.public import DATA_OFFICER, REVIEWER
from yiwang.blocks.quality import public as quality
from yiwang.blocks.standards import public as standards
from yiwang.portal import formats
from yiwang.portal.account.access import actor, requires
from yiwang.portal.desk.page import draw, said
from yiwang.portal.problems import explained
from yiwang.portal.standards.forms import ElementFields, ListFields

LARGEST = 2 * 1024 * 1024


@require_GET
@explained
def home(request: HttpRequest) -> HttpResponse:
    """Elements and lists, by words."""
    me = actor(request)
    text = request.GET.get("q", "").strip()[:100]
    tab = "lists" if request.GET.get("tab") == "lists" else "elements"
    elements, lists = standards.elements(me, text=text), standards.lists(me, text=text)
    facts = {
        "shown": tab, "q": text, "elements": elements, "lists": lists, "edits": me.has(REVIEWER),
        "tabs": (("elements", gettext("Data elements"), len(elements)), ("lists", gettext("Code lists"), len(lists))),
    }  # fmt: skip
    return draw(request, me, "standards/home.html", "standards", facts)


@require_GET
@explained
def element(request: HttpRequest, number: str) -> HttpResponse:
    """One element: value domain, source, versions, who follows it."""
    me = actor(request)
    view = standards.element(me, number)
    facts = {"view": view, "one": view.row.element, "row": view.row, "edits": me.has(REVIEWER)}
    return draw(request, me, "standards/element.html", "standards", facts)


@require_http_methods(["GET", "POST"])
@requires(REVIEWER)
@explained
def draft(request: HttpRequest, number: str = "") -> HttpResponse:
    """Write the next version of an element, or a new one."""
    me = actor(request)
    initial: dict[str, object] = {}
    if number:
        view = standards.element(me, number)
        initial = asdict(view.draft or view.row.element)
    form = ElementFields(request.POST if request.method == "POST" else None, initial=initial)
    form.choose_lists(standards.lists(me))
    if request.method == "POST" and form.is_valid():
        made = form.element()
        try:
            standards.draft_element(me, made, timezone.now(), note=form.cleaned_data["note"])
        except standards.StandardInvalid as error:
            form.blame(error.problems)
        else:
            messages.success(request, gettext("The draft is kept. It counts once it is put in force."))
            return HttpResponseRedirect(reverse("standards:element", args=[made.number.strip()]))
    facts = {"form": form, "number": number}
    return draw(request, me, "standards/draft.html", "standards", facts, status=422 if form.errors else 200)


@require_POST
@requires(REVIEWER)
@explained
def change(request: HttpRequest, number: str) -> HttpResponse:
    """Put a draft in force, throw it away, or retire what is in force."""
    me, now = actor(request), timezone.now()
    back = reverse("standards:element", args=[number])
    try:
        match request.POST.get("do", ""):
            case "in-force":
                standards.put_element_in_force(me, number, now)
                messages.success(request, gettext("The new version is in force."))
            case "discard":
                standards.discard_element(me, number)
                messages.success(request, gettext("The draft was thrown away."))
                back = reverse("standards:home")
            case "retire":
                standards.retire_element(me, number, request.POST.get("successor", "").strip()[:40], now)
                messages.success(request, gettext("The element is no longer in force."))
    except standards.StandardInvalid as error:
        messages.error(request, " ".join(formats.pick(one.zh, one.en) for one in error.problems))
    except standards.StandardsError as error:
        if error.code != "standard-state-wrong":
            raise
        messages.error(request, said(error))
    return HttpResponseRedirect(back)


@require_http_methods(["GET", "POST"])
@requires(REVIEWER)
@explained
def take(request: HttpRequest) -> HttpResponse:
    """Take in a CSV of elements as drafts."""
    me = actor(request)
    problems: tuple[standards.Problem, ...] = ()
    told = ""
    if request.method == "POST":
        try:
            done = standards.import_elements(me, _content(request), timezone.now())
        except standards.StandardInvalid as error:
            problems = error.problems
        except standards.StandardFileUnreadable as error:
            told = said(error)
        else:
            messages.success(
                request,
                gettext("%(new)s new and %(changed)s changed elements are drafts; %(same)s say nothing new.")
                % {"new": len(done.new), "changed": len(done.changed), "same": done.same},
            )
            return HttpResponseRedirect(reverse("standards:home"))
    facts = {"problems": problems[:50], "all": len(problems), "told": told}
    wrong = bool(problems or told)
    return draw(request, me, "standards/take.html", "standards", facts, status=422 if wrong else 200)


@require_GET
@explained
def download(request: HttpRequest) -> HttpResponse:
    """Elements in force as a CSV that can be taken in again."""
    rows = standards.elements(actor(request), state="in_force")
    answer = HttpResponse(
        "\ufeff" + standards.elements_csv(one.element for one in rows), content_type="text/csv; charset=utf-8"
    )
    answer.headers["Content-Disposition"] = 'attachment; filename="data-elements.csv"'
    return answer


@require_GET
@explained
def code_list(request: HttpRequest, list_id: str) -> HttpResponse:
    """One code list; `?as=csv` gives its codes as a file."""
    me = actor(request)
    view = standards.list_view(me, list_id)
    if request.GET.get("as") == "csv":
        answer = HttpResponse(
            "\ufeff" + standards.codes_csv(view.codes), content_type="text/csv; charset=utf-8"
        )
        answer.headers["Content-Disposition"] = f'attachment; filename="{list_id}.csv"'
        return answer
    facts = {"view": view, "row": view.row, "edits": me.has(REVIEWER)}
    return draw(request, me, "standards/list.html", "standards", facts)


@require_http_methods(["GET", "POST"])
@requires(REVIEWER)
@explained
def draft_list(request: HttpRequest, list_id: str = "") -> HttpResponse:
    """Write the next version of a code list, or a new one, from a CSV."""
    me = actor(request)
    initial: dict[str, object] = {}
    if list_id:
        row = standards.list_view(me, list_id).row
        initial = {
            "id": row.id,
            "title": row.title,
            "standard": row.standard,
            "edition": row.edition,
            "source": row.source,
        }
    form = ListFields(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            standards.draft_list_from(
                me, given["id"], given["title"], _content(request), timezone.now(), standard=given["standard"],
                edition=given["edition"], source=given["source"],
            )  # fmt: skip
        except standards.StandardInvalid as error:
            form.blame(error.problems[:50])
        except standards.StandardFileUnreadable as error:
            form.add_error(None, said(error))
        else:
            messages.success(request, gettext("The draft is kept. It counts once it is put in force."))
            return HttpResponseRedirect(reverse("standards:list", args=[given["id"]]))
    facts = {"form": form, "list_id": list_id}
    return draw(
        request, me, "standards/draft_list.html", "standards", facts, status=422 if form.errors else 200
    )


@require_POST
@requires(REVIEWER)
@explained
def change_list(request: HttpRequest, list_id: str) -> HttpResponse:
    """Put the draft of a list in force."""
    try:
        standards.put_list_in_force(actor(request), list_id, timezone.now())
    except standards.StandardsError as error:
        if error.code != "standard-state-wrong":
            raise
        messages.error(request, said(error))
    else:
        messages.success(request, gettext("The new version is in force."))
    return HttpResponseRedirect(reverse("standards:list", args=[list_id]))


@require_GET
@requires(DATA_OFFICER)
@explained
def conformance(request: HttpRequest, code: str) -> HttpResponse:
    """How far the rows of my own resource keep to the elements that its items name, read now."""
    me = actor(request)
    found = quality.resource_conformance(me, code, timezone.now())
    view = quality.resource_quality(me, code, timezone.now())
    facts = {"found": found, "row": view.standing, "now": timezone.now()}
    return draw(request, me, "standards/conformance.html", "quality", facts)


def _content(request: HttpRequest) -> bytes:
    file = request.FILES.get("file")
    return file.read(LARGEST + 1) if isinstance(file, UploadedFile) else b""
