"""Passports and permits: numbers known by their form alone, as editable data.

None of these forms carries a check character that is publicly stated, so a match says "looks like", no more. Most
rows are not yet compared with an official text; `verified` says so and callers show it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

from yiwang.vocabulary.identifiers import IdentifierEmpty, IdentifierError, normal_form
from yiwang.vocabulary.tables import data_table


class DocumentKindUnknown(IdentifierError):
    """There is no such kind of document in the table."""

    code: ClassVar[str] = "document-kind-unknown"
    message_zh: ClassVar[str] = "没有名为 {kind} 的证件种类。"
    message_en: ClassVar[str] = "There is no kind of document named {kind}."
    mend_zh: ClassVar[str] = "可用的种类：{known}。"
    mend_en: ClassVar[str] = "Kinds there are: {known}."


class DocumentForm(IdentifierError):
    """The number does not have the form of its document."""

    code: ClassVar[str] = "document-form"
    message_zh: ClassVar[str] = "不符合{title}号码的格式（{example}）。"
    message_en: ClassVar[str] = "This is not the form of a {kind} number ({example})."


@dataclass(frozen=True, slots=True)
class DocumentFormat:
    """The form of one kind of document's numbers.

    Attributes:
        certificate_type: code of GA/T 2000.156 (see code list `certificate-type`), empty where none is known.
        verified: whether the form was compared with an official text.
    """

    kind: str
    title: str
    pattern: re.Pattern[str]
    example: str
    certificate_type: str
    source: str
    verified: bool


@cache
def document_formats() -> dict[str, DocumentFormat]:
    """All forms, by kind."""
    table = data_table(
        "document_formats.csv", "kind", "title", "pattern", "example", "certificate_type", "verified"
    )
    found: dict[str, DocumentFormat] = {}
    for row in table.rows:
        try:
            pattern = re.compile(row["pattern"], re.ASCII)
        except re.error as wrong:
            raise row.broken(f"pattern: {wrong}") from wrong
        found[row["kind"]] = DocumentFormat(
            row["kind"], row["title"], pattern, row["example"], row["certificate_type"], table.source,
            row["verified"] == "true",
        )  # fmt: skip
    return found


def parse_document(kind: str, text: str) -> str:
    """The number in normal form when it looks like one of `kind`, e.g. `passport` or `taiwan-permit`.

    Raises:
        DocumentForm: it does not.
        DocumentKindUnknown: no such kind.
        IdentifierEmpty: nothing is there.
    """
    known = document_formats()
    if kind not in known:
        raise DocumentKindUnknown(kind=kind, known=sorted(known))
    number = normal_form(text)
    if not number:
        raise IdentifierEmpty
    form = known[kind]
    if form.pattern.fullmatch(number) is None:
        raise DocumentForm(kind=kind, title=form.title, example=form.example)
    return number


def looks_like(text: str) -> tuple[DocumentFormat, ...]:
    """Every kind of document whose form the number has; several are possible, none is proof."""
    number = normal_form(text)
    return tuple(form for form in document_formats().values() if form.pattern.fullmatch(number))
