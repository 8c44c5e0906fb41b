"""Entering a record, changing it from a day on, correcting its past, withdrawing it."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from yiwang.blocks.registry import public as registry
from yiwang.blocks.registry.public import Entity, Record, Standing
from yiwang.portal import formats
from yiwang.portal.problems import explained
from yiwang.portal.systems.asking import day
from yiwang.portal.systems.cells import Cell, cell, record_title
from yiwang.portal.systems.record_form import RecordForm, suffix_of
from yiwang.portal.systems.room import Room, draw, enter
from yiwang.portal.systems.story import Told, told_changes

MOST_REASON = 500


class WhenForm(forms.Form):
    """From when a change counts, and why; `dated` asks for days, a correction for its reason."""

    use_required_attribute = False
    mode = forms.ChoiceField(
        choices=[("from", _("From a day on")), ("past", _("It was wrong all along"))], widget=forms.RadioSelect,
        label=_("What happened"), required=False,
    )  # fmt: skip
    since = forms.DateField(
        label=_("From which day"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    until = forms.DateField(
        label=_("Until before which day"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
        help_text=_("Empty: until further notice"),
    )  # fmt: skip
    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=MOST_REASON, widget=forms.Textarea({"maxlength": MOST_REASON}),
        help_text=_("Stays in the history of the record."),
    )  # fmt: skip

    def __init__(
        self, data: QueryDict | None, today: date, record: Record | None, *, always: bool = False
    ) -> None:
        self._today, self._record, self._always = today, record, always
        super().__init__(data, initial={"mode": "from", "since": today}, label_suffix="")

    def clean(self) -> dict[str, object]:
        """A correction, a withdrawal and a day in the past need a reason; the end lies after the beginning."""
        cleaned = super().clean() or {}
        since, until = self.period(cleaned)
        past = cleaned.get("mode") == "past" or (since is not None and since < self._today)
        asked = self._always or (past and self._record is not None)
        if asked and not str(cleaned.get("reason") or "").strip():
            self.add_error("reason", gettext("Say why: it is kept with the correction."))
        if since and until and until <= since:
            self.add_error("until", gettext("The end must lie after the beginning."))
        return cleaned

    def period(self, cleaned: dict[str, object] | None = None) -> tuple[date | None, date | None]:
        """The days that the change is about."""
        found = self.cleaned_data if cleaned is None else cleaned
        if found.get("mode") == "past" and self._record is not None:
            return self._record.since, self._record.until
        since, until = found.get("since"), found.get("until")
        return (since if isinstance(since, date) else None), (until if isinstance(until, date) else None)


@require_http_methods(["GET", "POST"])
@explained
def new(request: HttpRequest, system: str, entity: str) -> HttpResponse:
    """Enter a record; sent twice, it makes one."""
    room = enter(request, system)
    found, standing = _writable(room, entity)
    today = registry.local_day(room.now)
    posted = request.POST if request.method == "POST" else None
    form = RecordForm(room, found, standing, posted, given=_parent(request, room, found))
    when = WhenForm(posted, today, None)
    if posted is not None and form.is_valid() and _valid(when, found) and form.check_references():
        since, until = when.period() if found.history == "bitemporal" else (None, None)
        try:
            number = registry.create_record(
                room.errand, system, entity, form.values(), room.now, since=since, until=until,
                once=request.POST.get("once", "")[:64],
            )  # fmt: skip
        except registry.RegistryError as error:
            _blame(form, error)
        else:
            messages.success(request, gettext("Entered."))
            if "again" in request.POST:
                return HttpResponseRedirect(reverse("systems:new", args=[system, entity]))
            return HttpResponseRedirect(reverse("systems:record", args=[system, entity, number]))
    once = request.POST.get("once") or uuid.uuid4().hex
    facts = {
        "form": form,
        "when": when,
        "once": once,
        "lines": _lines(form),
        "entity": found,
        "standing": standing,
    }
    return draw(request, room, "systems/form.html", facts, 422 if form.errors or when.errors else 200)


@require_http_methods(["GET", "POST"])
@explained
def edit(request: HttpRequest, system: str, entity: str, number: int) -> HttpResponse:
    """Change a record; whoever was slower is shown what the other did, with everything typed kept."""
    room = enter(request, system)
    found, standing = _writable(room, entity)
    record, revision = _shown(request, room, found, number)
    today = registry.local_day(room.now)
    posted = request.POST if request.method == "POST" else None
    form = RecordForm(room, found, standing, posted, record=record)
    when = WhenForm(posted, today, record if found.history == "bitemporal" else None)
    outrun: tuple[Told, ...] = ()
    if posted is not None and form.is_valid() and _valid(when, found) and form.check_references():
        values = form.values()
        if not values:
            messages.info(request, gettext("Nothing was changed."))
            return _to(system, entity, number)
        since, until = when.period() if found.history == "bitemporal" else (None, None)
        try:
            registry.change_record(
                room.errand, system, entity, number, values, room.now, since=since, until=until,
                seen=_seen(request), reason=when.cleaned_data["reason"].strip(),
            )  # fmt: skip
        except registry.RecordChanged:
            outrun = _since(room, found, number, _seen(request))
        except registry.RegistryError as error:
            _blame(form, error)
        else:
            messages.success(request, gettext("Saved. The history keeps what was known before."))
            return _to(system, entity, number)
    status = 409 if outrun else 422 if form.errors or when.errors else 200
    facts = {
        "form": form, "when": when, "lines": _lines(form), "entity": found, "standing": standing, "record": record,
        "fixed": _fixed(room, found, form, record), "revision": revision, "outrun": outrun,
        "heading": record_title(room.system, found, record), "dated": found.history == "bitemporal",
    }  # fmt: skip
    return draw(request, room, "systems/form.html", facts, status)


@require_http_methods(["GET", "POST"])
@explained
def withdraw(request: HttpRequest, system: str, entity: str, number: int) -> HttpResponse:
    """Say that a record does not hold: from a day on, or that it never did."""
    room = enter(request, system)
    found, standing = _writable(room, entity)
    record, revision = _shown(request, room, found, number)
    today = registry.local_day(room.now)
    dated = found.history == "bitemporal"
    posted = request.POST if request.method == "POST" else None
    when = WhenForm(posted, today, record if dated else None, always=True)
    changed = False
    if posted is not None and _valid(when, found):
        since, until = when.period() if dated else (None, None)
        try:
            registry.withdraw_record(
                room.errand, system, entity, number, room.now, since=since, until=until, seen=_seen(request),
                reason=when.cleaned_data["reason"].strip(),
            )  # fmt: skip
        except registry.RecordChanged:
            changed = True
        else:
            messages.success(request, gettext("Withdrawn. Its history stays."))
            return HttpResponseRedirect(reverse("systems:list", args=[system, entity]))
    facts = {
        "when": when, "entity": found, "standing": standing, "record": record, "revision": revision, "dated": dated,
        "heading": record_title(room.system, found, record), "changed": changed,
    }  # fmt: skip
    return draw(
        request, room, "systems/withdraw.html", facts, 409 if changed else 422 if when.errors else 200
    )


def _writable(room: Room, entity: str) -> tuple[Entity, Standing]:
    found, standing = room.entity(entity)
    if found.fused:
        raise registry.FusedElsewhere(entity=found.title.zh)
    if not standing.writes:
        raise registry.RecordRefused(entity=found.title.zh)
    return found, standing


def _valid(when: WhenForm, entity: Entity) -> bool:
    return when.is_valid() or (entity.history != "bitemporal" and "reason" not in when.errors)


def _shown(request: HttpRequest, room: Room, entity: Entity, number: int) -> tuple[Record, str]:
    """The record that the form is about and the revision that it shows. Raises: RecordUnknown."""
    on = day(request.GET.get("on", ""))
    record = registry.record(room.errand, room.system.id, entity.id, number, room.now, on=on)
    revision = registry.revision(room.errand, room.system.id, entity.id, number, room.now)
    return record, revision.isoformat() if revision else ""


def _seen(request: HttpRequest) -> datetime | None:
    try:
        return datetime.fromisoformat(request.POST.get("seen", ""))
    except ValueError:
        raise Http404 from None


def _since(room: Room, entity: Entity, number: int, seen: datetime | None) -> tuple[Told, ...]:
    """What others did to the record after what the form showed."""
    told = told_changes(room, entity, number)
    return tuple(one for one in told if seen is None or one.at > seen) or told[:1]


def _blame(form: RecordForm, error: registry.RegistryError) -> None:
    language = formats.language()
    match error:
        case registry.RecordInvalid():
            form.blame(error.problems)
        case registry.KeyTaken():
            form.blame_key(f"{error.text(language)} {error.mend(language)}")
        case registry.RecordRefused() | registry.RecordUnknown():
            form.add_error(None, f"{error.text(language)} {error.mend(language)}")
        case _:
            raise error


def _lines(form: RecordForm) -> list[tuple[forms.BoundField, str, str]]:
    """The inputs with their units and the width they take."""
    return [
        (form[f"f-{field.id}"], suffix_of(field), "wide" if _wide(form, f"f-{field.id}") else "")
        for field in form.written
    ]


def _wide(form: RecordForm, name: str) -> bool:
    widget = form.fields[name].widget
    if isinstance(widget, forms.RadioSelect):
        return len(list(widget.choices)) > 2
    return isinstance(widget, forms.Textarea | forms.CheckboxSelectMultiple)


def _fixed(room: Room, entity: Entity, form: RecordForm, record: Record) -> list[Cell]:
    """Fields that the form does not change, as text."""
    written = {field.id for field in form.written}
    shown = [field for field in entity.fields if field.id not in written and field.id not in record.hidden]
    return [cell(room.system, field, record) for field in shown]


def _parent(request: HttpRequest, room: Room, entity: Entity) -> dict[str, str]:
    """The key of the record that a child is entered for: named by its number, since keys can be personal."""
    of, part, number = (request.GET.get(name, "") for name in ("of", "part", "record"))
    if not number.isdecimal() or len(number) > 18:
        return {}
    try:
        _, owner = registry.entity_of(room.system.id, of)
        found = next(one for one in owner.parts if one.id == part and one.entity == entity.id)
        record = registry.record(room.errand, room.system.id, of, int(number), room.now)
    except (registry.RegistryError, StopIteration):
        return {}
    return {found.by: registry.KEY_SEPARATOR.join(str(record.values[name]) for name in owner.key)}


def _to(system: str, entity: str, number: int) -> HttpResponse:
    return HttpResponseRedirect(reverse("systems:record", args=[system, entity, number]))
