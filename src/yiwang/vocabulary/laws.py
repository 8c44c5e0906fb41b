"""Laws, regulations and policy documents that rules and purposes refer to.

A small registry, not a library: id, titles, document number, the time in force, and the gist of the articles that
are referred to. `verified` says whether somebody compared an entry with the official text. A purpose names an entry as
`law:<id>#<article>`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

from yiwang.vocabulary.errors import YwError
from yiwang.vocabulary.tables import Row, Table, data_table


class LawError(YwError):
    """A law reference leads nowhere."""

    code: ClassVar[str] = "law-reference"
    message_zh: ClassVar[str] = "法律依据有误。"
    message_en: ClassVar[str] = "The law reference is wrong."
    mend_zh: ClassVar[str] = "请从法规目录中选择；缺的由运维人员补入法规目录。"
    mend_en: ClassVar[str] = (
        "Choose one from the register of laws; what is missing is added there by the operator."
    )


class LawUnknown(LawError):
    """There is no law of that id."""

    code: ClassVar[str] = "law-unknown"
    message_zh: ClassVar[str] = "法规目录中没有 {law}。"
    message_en: ClassVar[str] = "The register of laws has no {law}."


class LawArticleUnknown(LawError):
    """The article is not among those registered."""

    code: ClassVar[str] = "law-article-unknown"
    message_zh: ClassVar[str] = "法规目录中《{title}》没有登记第 {article} 条。"
    message_en: ClassVar[str] = "Article {article} of {law} is not registered."


class LawNotInForce(LawError):
    """The law was not in force on the day in question."""

    code: ClassVar[str] = "law-not-in-force"
    message_zh: ClassVar[str] = "《{title}》在 {day} 不在施行期内。"
    message_en: ClassVar[str] = "{law} is not in force on {day}."


@dataclass(frozen=True, slots=True)
class Article:
    """An article; the gist is our summary and never the official text."""

    number: str
    gist: str
    gist_en: str


@dataclass(frozen=True, slots=True)
class Law:
    """A law, regulation or policy document. `in_force_until` is the first day it no longer holds."""

    id: str
    title: str
    title_en: str
    document: str
    in_force_from: dt.date
    in_force_until: dt.date | None
    kind: str
    source: str
    verified: bool
    articles: Mapping[str, Article]

    def in_force(self, on: dt.date) -> bool:
        """Whether it holds on the day."""
        return self.in_force_from <= on and (self.in_force_until is None or on < self.in_force_until)

    def name(self, language: str) -> str:
        """Its title in `zh` or `en`."""
        return self.title if language.startswith("zh") else self.title_en


@dataclass(frozen=True, slots=True)
class LawReference:
    """A law and, where one is named, an article of it."""

    law: Law
    article: Article | None

    def text(self, language: str) -> str:
        """《政务数据共享条例》（国务院令第809号）第3条, or the like in English."""
        article = self.article.number if self.article and self.article.number else ""
        if language.startswith("zh"):
            number = f"（{self.law.document}）" if self.law.document else ""
            return f"《{self.law.title}》{number}" + (f"第{article}条" if article else "")
        return self.law.title_en + (f", art. {article}" if article else "")


@cache
def laws() -> Mapping[str, Law]:
    """Every registered law, by id."""
    return read_laws(
        data_table(
            "laws.csv", "id", "title", "title_en", "document", "in_force_from", "in_force_until", "kind"
        ),
        data_table("law_articles.csv", "law", "article", "gist", "gist_en"),
    )


def read_laws(entries: Table, articles: Table) -> dict[str, Law]:
    """The register from its two tables.

    Raises:
        TableError: a broken date, an id twice, or an article of a law that is not there.
    """
    below: dict[str, dict[str, Article]] = {row["id"]: {} for row in entries.rows}
    for row in articles.rows:
        if row["law"] not in below:
            raise row.broken(f"no law {row['law']}")
        below[row["law"]][row["article"]] = Article(row["article"], row["gist"], row["gist_en"])
    found: dict[str, Law] = {}
    for row in entries.rows:
        if row["id"] in found:
            raise row.broken(f"the law {row['id']} appears twice")
        found[row["id"]] = Law(
            row["id"], row["title"], row["title_en"], row["document"],
            _day(row, "in_force_from"), _day(row, "in_force_until") if row["in_force_until"] else None,
            row["kind"], row["source"], row["verified"] == "true", below[row["id"]],
        )  # fmt: skip
    return found


def law(law_id: str) -> Law:
    """A law by its id.

    Raises:
        LawUnknown: there is none.
    """
    found = laws().get(law_id)
    if found is None:
        raise LawUnknown(law=law_id)
    return found


def law_reference(text: str, on: dt.date | None = None) -> LawReference:
    """Reads `<law id>#<article>` or `<law id>`, with or without the `law:` of a purpose.

    Raises:
        LawError: unknown law or article, or not in force on the day.
    """
    law_id, _, number = text.removeprefix("law:").partition("#")
    found = law(law_id)
    if on is not None and not found.in_force(on):
        raise LawNotInForce(law=law_id, title=found.title, day=on.isoformat())
    if not number:
        return LawReference(found, None)
    article = found.articles.get(number)
    if article is None:
        raise LawArticleUnknown(law=law_id, title=found.title, article=number)
    return LawReference(found, article)


def _day(row: Row, column: str) -> dt.date:
    try:
        return dt.date.fromisoformat(row[column])
    except ValueError as wrong:
        raise row.broken(f"{column} must be a date, not {row[column]!r}") from wrong
