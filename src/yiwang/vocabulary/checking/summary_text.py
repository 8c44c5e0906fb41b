"""The outcome of a check in words a data officer understands."""

from __future__ import annotations

from collections.abc import Iterator

from yiwang.vocabulary.checking.run import Group, Summary

OUTDATED_SHOWN = 20


def summary_lines(summary: Summary, language: str) -> Iterator[str]:
    """The lines to print, in `zh` or `en`."""
    zh = language.startswith("zh")
    yield from _head(summary, zh)
    if summary.reasons:
        yield ""
        yield "不合规的原因：" if zh else "Why rows are not valid:"
        yield from _groups(summary.reasons, zh)
    if summary.notices:
        yield ""
        yield "合规但请留意：" if zh else "Valid, but worth a look:"
        yield from _groups(summary.notices, zh)
    if summary.outdated:
        yield ""
        yield from _outdated(summary, zh)
    if summary.complete_until is not None:
        yield ""
        day = summary.complete_until.isoformat()
        yield (
            f"提示：区划变更收录到 {day}，之后的变更请以民政部门公布的为准。"
            if zh
            else f"Note: changes of divisions are on record up to {day}; see the official notices for later ones."
        )


def _head(summary: Summary, zh: bool) -> Iterator[str]:
    day = summary.as_of.isoformat()
    if zh:
        yield f"文件 {summary.file} 的“{summary.column}”列，按{summary.kind.label_zh}检查（以 {day} 为准，编码 {summary.encoding}）"
        yield f"共 {summary.rows:,} 行：合规 {summary.valid:,} 行，不合规 {summary.invalid:,} 行{_share(summary)}"
    else:
        yield f"{summary.file}, column “{summary.column}”, checked as {summary.kind.label_en} (as of {day}, {summary.encoding})"
        yield f"{summary.rows:,} rows: {summary.valid:,} valid, {summary.invalid:,} not valid{_share(summary)}"
    if summary.rows == 0:
        yield "文件只有表头，没有数据行。" if zh else "The file has a header but no rows."


def _share(summary: Summary) -> str:
    return f" ({summary.invalid / summary.rows:.2%})" if summary.rows and summary.invalid else ""


def _groups(groups: dict[str, Group], zh: bool) -> Iterator[str]:
    for code, group in sorted(groups.items(), key=lambda item: -item[1].count):
        words = group.zh if zh else group.en
        yield f"  {words}：{group.count:,} 行 [{code}]" if zh else f"  {words}: {group.count:,} rows [{code}]"
        for example in group.examples:
            detail = example.detail_zh if zh else example.detail_en
            place = f"    第 {example.row} 行" if zh else f"    row {example.row}"
            yield "  ".join(part for part in (place, example.shown, detail) if part)
        if group.count > len(group.examples):
            rest = group.count - len(group.examples)
            yield f"    …… 另有 {rest:,} 行" if zh else f"    … and {rest:,} more"


def _outdated(summary: Summary, zh: bool) -> Iterator[str]:
    yield (
        f"旧代码在 {summary.as_of.isoformat()} 的名称："
        if zh
        else f"What old codes are called on {summary.as_of}:"
    )
    for code, count in summary.outdated.most_common(OUTDATED_SHOWN):
        found = summary.resolutions[code]
        was = found.was.name if found.was is not None else ""
        unknown = "去向未收录" if zh else "successor not on record"
        now = "、".join(f"{division.code} {division.name}" for division in found.now) or unknown
        yield f"  {code} {was} → {now}（{count:,} 行）" if zh else f"  {code} {was} → {now} ({count:,} rows)"
    rest = len(summary.outdated) - OUTDATED_SHOWN
    if rest > 0:
        yield f"  …… 另有 {rest} 个旧代码，见报告" if zh else f"  … and {rest} more codes, see the report"
