"""What a census is compared with: an earlier one, entries in a file, or the published entries of a node."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import click
import msgspec
import openpyxl

from yiwang.blocks.catalogue.domain.exported import exported_entries
from yiwang.blocks.catalogue.domain.survey.matching import Comparison, Stated, compare, stated_of
from yiwang.bootstrap.cli.exchange import acting_officer
from yiwang.dataplane.census.document import Earlier, read_earlier
from yiwang.dataplane.census.draft import FORMAT, Draft
from yiwang.dataplane.census.drift import Change, changes
from yiwang.dataplane.census.errors import CensusError, NothingToCompare
from yiwang.dataplane.census.sources.packing import inspected

_SHOWN = 20


@dataclass(frozen=True)
class Wanted:
    """What the officer asked to compare with; `named` holds `CODE=TABLE` as they said it."""

    against: Path | None = None
    node: Path | None = None
    account: str = ""
    named: dict[str, str] | None = None


def named_tables(
    context: click.Context, parameter: click.Parameter, texts: tuple[str, ...]
) -> dict[str, str]:
    """`CODE=TABLE` of the command line. Raises: BadParameter."""
    del context, parameter
    found = {}
    for text in texts:
        code, sign, table = text.partition("=")
        if not sign or not code or not table:
            raise click.BadParameter("CODE=TABLE")
        found[code.strip()] = table.strip()
    return found


def prepared(wanted: Wanted) -> Callable[[Draft, bool, str], tuple[list[str], int]]:
    """Read what is compared with, before the scan; returns how to tell the drift of a draft: lines, and how many.

    The arguments are the draft, whether everything was scanned, and the language.

    Raises: PreviousUnreadable, CatalogueError, SpreadsheetError.
    """
    if wanted.node is not None:
        node, named = wanted.node, wanted.named or {}
        return lambda draft, whole, lang: _told(
            compare(_published(node, wanted.account, draft), draft.resources, named=named, whole=whole), lang
        )
    if wanted.against is None:
        return lambda _draft, _whole, _lang: ([], 0)
    if not _is_census(wanted.against):
        entries = stated_of(exported_entries(wanted.against.read_bytes()))
        return lambda draft, whole, lang: _told(
            compare(entries, draft.resources, named=wanted.named, whole=whole), lang
        )
    earlier = read_earlier(wanted.against)
    return lambda draft, _whole, lang: _since(earlier, draft, lang)


def _is_census(path: Path) -> bool:
    """Whether the file is a result of a scan; anything that is not clearly something else counts as one."""
    try:
        if path.suffix.lower() in {".xlsx", ".xlsm"}:
            inspected(path)
            book = openpyxl.load_workbook(path, read_only=True)
            try:
                return "信息资源目录" not in book.sheetnames or "信息项" in book.sheetnames
            finally:
                book.close()
        return msgspec.json.decode(path.read_bytes(), type=_Headed).format in {"", FORMAT}
    except (OSError, ValueError, KeyError, TypeError, BadZipFile, CensusError, msgspec.MsgspecError):
        return True


class _Headed(msgspec.Struct):
    format: str = ""


def _published(node: Path, account: str, draft: Draft) -> tuple[Stated, ...]:
    with acting_officer(node, account) as actor:
        from yiwang.blocks.exchange import public as exchange

        return exchange.entries_on(actor, draft)


def _told(comparison: Comparison, lang: str) -> tuple[list[str], int]:
    """Raises: NothingToCompare."""
    zh = lang == "zh"
    if not comparison.compared:
        raise NothingToCompare(count=len(comparison.apart))
    lines = []
    drifted = [one for one in comparison.compared if one.found]
    for one in drifted:
        lines.append(f"{one.entry.code} {one.entry.title} ← {one.table}")
        for drift in one.found:
            lines.append(f"  {'!' if drift.breaking else ' '} {drift.zh if zh else drift.en}")
    count = sum(len(one.found) for one in drifted)
    lines.append(
        f"与目录比较了 {len(comparison.compared)} 条，{len(drifted)} 条有变化，共 {count} 处"
        if zh
        else f"{len(comparison.compared)} entries compared, {len(drifted)} drifted, {count} changes"
    )
    for found, words in (
        ([f"{one.code} {one.title}" for one in comparison.apart],
         "没有对应的表，未比较（可用 --entry 代码=表 指明）" if zh else "without a table, not compared (say --entry CODE=TABLE)"),
        (list(comparison.without_entry), "没有条目的表" if zh else "tables without an entry"),
    ):  # fmt: skip
        if found:
            more = f" … {len(found)}" if len(found) > _SHOWN else ""
            lines.append(f"{words}: {', '.join(found[:_SHOWN])}{more}")
    return lines, count


def _since(earlier: Earlier, draft: Draft, lang: str) -> tuple[list[str], int]:
    found = changes(earlier, draft)
    zh = lang == "zh"
    if not found:
        return ["与以前相比没有变化" if zh else "nothing changed since then"], 0
    head = f"与以前相比有 {len(found)} 处变化：" if zh else f"{len(found)} changes since then:"
    return [head, *(_line(change, zh) for change in found)], len(found)


def _line(change: Change, zh: bool) -> str:
    return f"  {'!' if change.breaking else ' '} {change.where}: {change.text.zh if zh else change.text.en}"
