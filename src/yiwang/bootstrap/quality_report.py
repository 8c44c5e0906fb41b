"""A judgement as a file: JSON for machines, one HTML page for people. Neither holds a value that was judged."""

from __future__ import annotations

import html
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from yiwang.dataplane.quality.judging import Judgement
from yiwang.dataplane.quality.rules import DIMENSIONS, DIMENSIONS_EN, Rule
from yiwang.dataplane.quality.scoring import Score

_CSS = Path(__file__).resolve().parent.parent / "portal" / "static" / "portal" / "css" / "tokens.css"
_SEVERITY = {"blocking": "阻断", "major": "重要", "minor": "一般"}
_STYLE = """
body { font: var(--body)/var(--body-line) var(--sans), "Noto Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif;
  color: var(--ink-900); background: var(--wash); margin: 0; }
main { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
section { background: var(--paper); border: 1px solid var(--line-200); border-radius: var(--radius-card);
  padding: 1rem 1.25rem; margin: 1rem 0; }
h1 { font-size: var(--title); line-height: var(--title-line); margin: 0 0 .25rem; } h2 { font-size: var(--section); }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left;
  padding: .5rem .5rem .5rem 0; border-bottom: 1px solid var(--line-100); }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; } .quiet { color: var(--ink-600); } .bad { color: var(--cinnabar-700); }
.figure { font-size: var(--figure); font-weight: 600; } .bar { background: var(--line-100); height: .375rem; width: 10rem; }
.bar span { display: block; height: 100%; background: var(--azurite-600); }
"""


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that is told of one judgement."""

    title: str
    file: str
    as_of: datetime
    rules: tuple[Rule, ...]
    found: Judgement
    score: Score
    left_out: tuple[str, ...]


def as_json(report: Report) -> str:
    """The report for machines."""
    rules = [
        {
            "id": rule.id, "dimension": rule.dimension, "severity": rule.severity, "fields": list(rule.fields),
            "message": rule.message, "message_en": rule.message_en, "to": rule.to,
            "tested": report.found.outcomes[rule.id].tested,
            "failed": report.found.outcomes[rule.id].failed,
            "examples": [list(keys) for keys in report.found.examples.get(rule.id, ())],
        }
        for rule in report.rules
    ]  # fmt: skip
    told = {
        "title": report.title, "file": report.file, "as_of": report.as_of.isoformat(), "rows": report.found.rows,
        "score": report.score.value, "level": report.score.level, "dimensions": report.score.dimensions,
        "blocked": list(report.score.blocked), "fields_covered": report.score.fields_covered,
        "left_out": list(report.left_out), "rules": rules,
    }  # fmt: skip
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def as_html(report: Report, language: str) -> str:
    """The report as one page that needs nothing else."""
    zh = language == "zh"

    def say(chinese: str, english: str) -> str:
        return chinese if zh else english

    value = "—" if report.score.value is None else f"{report.score.value:.1f}"
    parts = [
        f"<h1>{_text(report.title)}</h1><p class=quiet>{_text(report.file)} · {report.found.rows:,} {say('行', 'rows')} · "
        f"{report.as_of:%Y-%m-%d %H:%M} UTC</p>",
        f"<section><p><span class=figure>{value}</span> / 100 · {say('等级', 'level')} {report.score.level or '—'} / 5</p>",
        f"<p class=quiet>{say('规则覆盖的列', 'columns that rules look at')}: {report.score.fields_covered:.0%}</p>",
    ]
    if report.score.blocked:
        parts.append(
            f"<p class=bad>{say('阻断规则未过，等级不高于 2', 'Blocking rules are broken, so the level is at most 2')}: "
            f"{_text(', '.join(report.score.blocked))}</p>"
        )
    rows = "".join(
        f"<tr><th scope=row>{d if zh else DIMENSIONS_EN[d]}</th><td><div class=bar><span style='width:{100 * part:.0f}%'></span>"
        f"</div></td><td class=n>{100 * part:.2f} %</td></tr>"
        for d in DIMENSIONS
        if (part := report.score.dimensions.get(d)) is not None
    )
    parts.append(f"<table>{rows}</table></section>")
    head = "".join(
        f"<th scope=col{' class=n' if numeric else ''}>{words}</th>"
        for words, numeric in (
            (say("规则", "Rule"), False), (say("维度", "Dimension"), False), (say("程度", "Severity"), False),
            (say("检查", "Tested"), True), (say("不合格", "Failed"), True), (say("合格率", "Passed"), True),
        )
    )  # fmt: skip
    body = "".join(_row(report, rule, zh) for rule in report.rules)
    parts.append(
        f"<section><h2>{say('规则', 'Rules')}</h2><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></section>"
    )
    if report.left_out:
        parts.append(
            f"<section><h2>{say('没有执行的检查', 'Checks that are not run')}</h2><p>{_text(', '.join(report.left_out))}</p></section>"
        )
    style = _CSS.read_text(encoding="utf-8") + _STYLE
    return (
        f"<!doctype html><html lang={'zh-CN' if zh else 'en'}><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>{_text(report.title)}</title><style>{style}</style><main>{''.join(parts)}</main></html>\n"
    )


def _row(report: Report, rule: Rule, zh: bool) -> str:
    outcome = report.found.outcomes[rule.id]
    rate = "—" if outcome.rate is None else f"{100 * outcome.rate:.2f} %"
    keys = report.found.examples.get(rule.id, ())
    shown = ", ".join("|".join(one) for one in keys[:20])
    where = (
        f"<br><span class=quiet>{'行' if zh else 'rows'}: {_text(shown)}{' …' if len(keys) > 20 else ''}</span>"
        if shown
        else ""
    )
    said = rule.message if zh or not rule.message_en else rule.message_en
    return (
        f"<tr><td>{_text(said or rule.id)}<br><span class=quiet>{_text(', '.join(rule.fields))}</span>{where}</td>"
        f"<td>{rule.dimension if zh else DIMENSIONS_EN[rule.dimension]}</td><td>{_SEVERITY[rule.severity] if zh else rule.severity}</td>"
        f"<td class=n>{outcome.tested:,}</td><td class='n{' bad' if outcome.failed else ''}'>{outcome.failed:,}</td>"
        f"<td class=n>{rate}</td></tr>"
    )


def _text(value: str) -> str:
    return html.escape(value)
