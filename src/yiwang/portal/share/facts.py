"""Terms of a request or a grant as the facts that pages show: fields, people, purpose, hours, quota."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext

from yiwang.blocks.catalogue.public import ItemDraft
from yiwang.blocks.exchange.public import FieldOption, Terms
from yiwang.portal import formats
from yiwang.portal.purposes import PurposeName, purpose_names
from yiwang.portal.share import wording


@dataclass(frozen=True)
class AskedField:
    """A field that is given, with its item (none when the item has since gone) and its mask."""

    name: str
    title: str
    item: ItemDraft | None
    mask: str | None


@dataclass(frozen=True)
class Lookup:
    """A field that may be looked up by, and how."""

    name: str
    title: str
    operators: tuple[str, ...]
    required: bool


@dataclass(frozen=True)
class TermsFacts:
    """Everything asked for or granted, in words."""

    fields: tuple[AskedField, ...]
    claims: tuple[str, ...]
    lookups: tuple[Lookup, ...]
    rows: tuple[str, ...]
    hours: str
    purposes: tuple[PurposeName, ...]

    @property
    def names(self) -> str:
        """Wire names of the fields."""
        return " ".join(field.name for field in self.fields)


def titles_of(options: tuple[FieldOption, ...]) -> dict[str, str]:
    """Titles of items by wire name, in the language of the page."""
    return {option.item.wire: formats.pick(option.item.title, option.item.title_en) for option in options}


def terms_facts(terms: Terms, options: tuple[FieldOption, ...]) -> TermsFacts:
    """The terms with the titles of their items."""
    titles = titles_of(options)
    items = {option.item.wire: option.item for option in options}
    return TermsFacts(
        fields=tuple(
            AskedField(f.name, titles.get(f.name, f.name), items.get(f.name), f.mask) for f in terms.fields
        ),
        claims=tuple(titles.get(name, name) for name in terms.claims),
        lookups=tuple(
            Lookup(p.name, titles.get(p.name, p.name), p.operators, p.name in terms.required)
            for p in terms.predicates
        ),
        rows=tuple(wording.condition_words(condition, titles) for condition in terms.rows),
        hours=hours_words(terms),
        purposes=tuple(purpose_names(terms.purposes)),
    )


def hours_words(terms: Terms) -> str:
    """When calls are let in."""
    days = gettext("working days") if terms.workdays_only else gettext("every day")
    hours = formats.minutes_of_day(terms.hours) if terms.hours else gettext("all day")
    return gettext("%(days)s, %(hours)s") % {"days": days, "hours": hours}
