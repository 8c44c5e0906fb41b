"""The form of a record: one input a field, of the kind that the field is; what it refuses stands beside its field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext

from yiwang.blocks.organisation.public import agencies
from yiwang.blocks.registry import public as registry
from yiwang.blocks.registry.public import Entity, Field, Problem, Record, Standing
from yiwang.portal import formats
from yiwang.portal.systems.cells import cell, code_label, covered_by, record_title, unit_words
from yiwang.portal.systems.columns import personal
from yiwang.portal.systems.inputs import kept_text, typed_text
from yiwang.portal.systems.room import Room

AREA: Final = 100
"""Texts that may be longer than this get a box of several lines."""
FEW: Final = 5
MOST_CODES: Final = 400
SUGGESTED: Final = 50
_NUMERIC: Final = {
    "integer": "numeric",
    "user": "numeric",
    "money": "decimal",
    "decimal": "decimal",
    "phone": "tel",
}


class RecordForm(forms.Form):
    """A form over the fields that the person may write.

    Inputs are called `f-` and the field's id. In a change (`record` is given) keys stand fixed, and a field whose
    value is masked or hidden is left as it is while its input stays empty.
    """

    use_required_attribute = False

    def __init__(
        self, room: Room, entity: Entity, standing: Standing, data: QueryDict | None = None, *,
        record: Record | None = None, given: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        self._room, self._entity, self._record = room, entity, record
        self.written = [field for field in entity.fields if _written(entity, standing, field, record)]
        self._blind = {field.id for field in self.written if self._is_blind(field)}
        first = {_name(f): self._first(f, given or {}) for f in self.written}
        super().__init__(data, initial=first, auto_id="id_%s", label_suffix="")
        self.lists: dict[str, list[tuple[str, str]]] = {}
        for field in self.written:
            made = self._input(field)
            title = {"field": field.title.text(formats.language())}
            made.error_messages["required"] = gettext("Fill in: %(field)s") % title
            self.fields[_name(field)] = made

    def values(self) -> dict[str, object]:
        """What to write: all inputs of a new record, those that differ in a change."""
        found: dict[str, object] = {}
        for field in self.written:
            typed = self.cleaned_data[_name(field)]
            if self._record is not None and typed == (
                self.initial[_name(field)] or ([] if field.kind == "codes" else "")
            ):
                continue
            if field.id in self._blind and not typed:
                continue
            if self._record is None and typed in ("", []):
                continue
            found[field.id] = self._kept(field, typed)
        return found

    def blame(self, problems: Iterable[Problem]) -> None:
        """Put what the registry found wrong beside its fields."""
        for problem in problems:
            words = formats.pick(problem.message_zh, problem.message_en)
            name = f"f-{problem.field}"
            if name in self.fields:
                self.add_error(name, _sentence(words))
            else:
                self.add_error(None, f"{self._title(problem.field)}: {words}")

    def blame_key(self, words: str) -> None:
        """Say that the key is taken, beside it where it can be typed."""
        name = f"f-{self._entity.key[-1]}"
        self.add_error(name if name in self.fields else None, words)

    def check_references(self) -> bool:
        """Whether every record that is referred to exists, as far as the person may see; those that do not are named."""
        for field in self.written:
            typed = str(self.cleaned_data.get(_name(field)) or "")
            if field.kind == "ref" and typed and not self._exists(field, typed):
                self.add_error(_name(field), gettext("No such record that you may see. Check the number."))
        return not self.errors

    def _exists(self, field: Field, typed: str) -> bool:
        if field.target is None:
            return True
        try:
            _, target = registry.entity_of(*field.target)
        except registry.RegistryError:
            return True
        standing = registry.standing_in(self._room.errand, *field.target, self._room.now)
        parts = typed.split(registry.KEY_SEPARATOR)
        if not standing.reads or len(parts) != len(target.key):
            return True
        try:
            key = dict(zip(target.key, parts, strict=True))
            registry.by_key(self._room.errand, *field.target, key, self._room.now)
        except registry.RegistryError:
            return False
        return True

    def _is_blind(self, field: Field) -> bool:
        record = self._record
        if record is None:
            return False
        covered = covered_by(field) is not None and record.values.get(field.id) is not None
        return field.id in record.hidden or field.id in record.masked or covered

    def _first(self, field: Field, given: Mapping[str, str]) -> str | list[str]:
        """What an input holds at first."""
        if field.id in self._blind:
            return [] if field.kind == "codes" else ""
        value = self._record.values.get(field.id) if self._record is not None else field.default
        if self._record is None and field.kind == "datetime" and value == "now":
            return formats.local(self._room.now).strftime("%Y-%m-%dT%H:%M")
        if self._record is None and field.id in given:
            return given[field.id]
        if field.kind == "codes":
            return [str(one) for one in value] if isinstance(value, list) else []
        return typed_text(field, list(value) if isinstance(value, list) else value)

    def _input(self, field: Field) -> forms.Field:
        title, needed = field.title.text(formats.language()), field.required and field.id not in self._blind
        hint = self._hint(field)
        if field.kind in ("code", "codes") and len(choices := self._codes(field)) <= MOST_CODES:
            if field.kind == "codes":
                widget: type[forms.Widget] = (
                    forms.CheckboxSelectMultiple if len(choices) <= 12 else forms.SelectMultiple
                )
                return forms.MultipleChoiceField(
                    choices=choices, required=needed, label=title, help_text=hint, widget=widget
                )
            return _choice(choices, title, hint, needed)
        if field.kind == "org":
            return _choice(self._agencies(field), title, hint, needed)
        if field.kind == "boolean":
            return _choice([("true", gettext("Yes")), ("false", gettext("No"))], title, hint, needed)
        return forms.CharField(required=needed, label=title, help_text=hint, widget=self._widget(field))

    def _widget(self, field: Field) -> forms.Widget:
        attributes: dict[str, str | int] = {}
        most = int(field.argument) if field.kind == "text" and field.argument.isdigit() else 0
        if field.kind in ("long_text", "files", "list", "geometry") or most > AREA:
            return forms.Textarea({"maxlength": most} if most else {})
        if most:
            attributes["maxlength"] = most
        if field.kind in _NUMERIC:
            attributes["inputmode"] = _NUMERIC[field.kind]
        if self.initial[_name(field)] == "" and field.id in self._blind and self._record is not None:
            attributes["placeholder"] = cell(self._room.system, field, self._record).text
        if suggested := self._suggested(field):
            self.lists[f"list-{field.id}"] = suggested
            attributes["list"] = f"list-{field.id}"
        match field.kind:
            case "date":
                return forms.DateInput({"type": "date", **attributes})
            case "datetime":
                return forms.DateTimeInput({"type": "datetime-local", **attributes})
            case _:
                return forms.TextInput({"autocomplete": "off", **attributes})

    def _codes(self, field: Field) -> list[tuple[str, str]]:
        """Codes in force, and that which the record holds."""
        today = registry.local_day(self._room.now)
        codes = self._room.system.codes.get(field.argument, ())
        held = self._record.values.get(field.id) if self._record is not None else None
        kept = held if isinstance(held, list) else [str(held)] if held is not None else []
        return [
            (code.code, code_label(self._room.system, field, code.code))
            for code in codes
            if registry.in_force(code, today) or code.code in kept
        ]

    def _agencies(self, field: Field) -> list[tuple[str, str]]:
        """The agencies of the node, and the one that the record holds."""
        known = [(one.uscc, one.name(formats.language())) for one in agencies()]
        held = self._record.values.get(field.id) if self._record is not None else None
        lost = held is not None and str(held) not in {code for code, _ in known}
        return [*known, (str(held), str(held))] if lost else known

    def _suggested(self, field: Field) -> list[tuple[str, str]]:
        """Values to choose from while typing: records that may be referred to."""
        if personal(field) or covered_by(field) is not None:
            return []
        if field.kind == "ref" and field.target is not None:
            return self._records(*field.target)
        return []

    def _records(self, system: str, entity: str) -> list[tuple[str, str]]:
        try:
            found, target = registry.entity_of(system, entity)
        except registry.RegistryError:
            return []
        wanted = registry.Wanted({}, size=SUGGESTED, counted=False)
        page = registry.records(self._room.errand, system, entity, wanted, self._room.now)
        return [
            (
                registry.KEY_SEPARATOR.join(str(one.values[name]) for name in target.key),
                record_title(found, target, one),
            )
            for one in page.records
        ]

    def _hint(self, field: Field) -> str:
        hints = {
            "point": gettext("longitude, latitude, such as 119.30, 26.08"), "codes": "",
            "files": gettext("one a line"), "list": gettext("one a line"), "datetime": "", "ref": gettext("the key of the other record"),
        }  # fmt: skip
        told = [formats.pick(field.note, field.note_en)] if field.note else []
        if field.id in self._blind:
            told.append(gettext("Not shown here. Leave empty to keep it as it is."))
        elif hints.get(field.kind):
            told.append(hints[field.kind])
        return " ".join(told)

    def _kept(self, field: Field, typed: object) -> object:
        if isinstance(typed, list):
            return typed
        if field.kind in ("files", "list"):
            return [line.strip() for line in str(typed).splitlines() if line.strip()]
        return kept_text(field, str(typed))

    def _title(self, name: str) -> str:
        try:
            return self._entity.field(name).title.text(formats.language())
        except KeyError:
            return name


def suffix_of(field: Field) -> str:
    """The unit that stands behind an input."""
    return gettext("yuan") if field.kind == "money" else unit_words(field)


def _choice(choices: list[tuple[str, str]], title: str, hint: str, needed: bool) -> forms.ChoiceField:
    if needed and len(choices) <= FEW:
        return forms.ChoiceField(
            choices=choices, required=True, label=title, help_text=hint, widget=forms.RadioSelect
        )
    return forms.ChoiceField(
        choices=[("", gettext("choose")), *choices], required=needed, label=title, help_text=hint
    )


def _written(entity: Entity, standing: Standing, field: Field, record: Record | None) -> bool:
    if field.id not in standing.written or field.derived is not None:
        return False
    return field.kind != "serial" if record is None else field.id not in entity.key


def _name(field: Field) -> str:
    return f"f-{field.id}"


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
