"""The names of purposes: a law by its own, a service item by what the applicant called it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext

from yiwang.blocks.exchange.public import Purpose, granted_terms
from yiwang.blocks.identity.public import Actor
from yiwang.portal import formats
from yiwang.vocabulary.laws import LawError, law_reference


@dataclass(frozen=True)
class PurposeName:
    """A purpose as a page names it. `lang` is set where the name is not in the language of the page."""

    code: str
    title: str
    lang: str


def purpose_name(purpose: Purpose) -> PurposeName:
    """The name in the language of the page; the Chinese one, marked as such, where there is no other."""
    if formats.language() != "en":
        return PurposeName(purpose.code, purpose.title, "")
    english = purpose.title_en or _law(purpose.code)
    return PurposeName(purpose.code, english or purpose.title, "" if english else "zh-CN")


def purpose_names(purposes: Iterable[Purpose]) -> list[PurposeName]:
    """The names of several."""
    return [purpose_name(one) for one in purposes]


def granted_purposes(me: Actor, resource: str = "") -> Mapping[str, str]:
    """Titles of purposes by code, as the grants that the person may see name them; of one resource where named."""
    given = granted_terms(me, resource=resource)
    return {one.code: one.title for terms in given.values() for one in purpose_names(terms.purposes)}


def purpose_line(purposes: Iterable[Purpose]) -> str:
    """The names in one line of text, for files and choices."""
    separator = "、" if formats.language() == "zh" else "; "
    return separator.join(one.title for one in purpose_names(purposes))


def _law(code: str) -> str:
    """The English name of a law with the article, also of an article whose text is not registered."""
    if not code.startswith("law:"):
        return ""
    law, _mark, article = code.partition("#")
    try:
        name = law_reference(law).text("en")
    except LawError:
        return ""
    return gettext("%(law)s, art. %(article)s") % {"law": name, "article": article} if article else name
