"""`yw client session`: many questions out of a file, within one session, with the evidence of each where it is wanted."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import IO, Unpack

import click
import msgspec

from yiwang.bootstrap.cli import client_events, client_table  # noqa: F401 - their verbs and those of files stand beside this one
from yiwang.bootstrap.cli.client import Target, calling, command, opened, told
from yiwang.client import Session, SessionAnswer, Where
from yiwang.vocabulary.errors import YwError

_Scalar = str | int | bool
_WHERE = msgspec.json.Decoder(dict[str, _Scalar | dict[str, _Scalar | list[_Scalar]]])
AHEAD = 16
"""Questions read ahead of their answers for each thread."""
PROVEN = 200
"""Answers held until their evidence is fetched, which countersigns them first."""


class QuestionUnreadable(YwError):
    """A line of the file is no question."""

    code = "question-unreadable"
    message_zh = "第 {line} 行不是查询条件：{reason}。"
    message_en = "Line {line} is no question: {reason}."
    mend_zh = '每行一个 JSON 对象，如 {{"统一社会信用代码": "91370100964709014M"}}。'
    mend_en = 'Write one JSON object a line, such as {{"uscc": "91370100964709014M"}}.'


@command.command("session")
@click.argument("code")
@click.option(
    "--each", "questions", required=True, type=click.File("r", encoding="utf-8"), metavar="FILE",
    help="one JSON object of conditions a line; - for standard input",
)  # fmt: skip
@click.option("--field", "fields", multiple=True, metavar="F", help="field wanted; repeatable; default: all")
@click.option(
    "--purpose", required=True, metavar="P", help="item:<service item> or law:<law>#<article>[;case=<no.>]"
)
@click.option("--grant", metavar="G", help="grant, where several fit")
@click.option("--threads", type=click.IntRange(1, 32), default=8, show_default=True, help="calls at a time")
@click.option(
    "--evidence", "folder", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER",
    help="write an evidence bundle for each line here: 1.json, 2.json …",
)  # fmt: skip
@calling
def session(
    code: str,
    questions: IO[str],
    fields: tuple[str, ...],
    purpose: str,
    grant: str | None,
    threads: int,
    folder: Path | None,
    **target: Unpack[Target],
) -> None:
    """Ask a question of the resource CODE for each line of a file, within one session.

    Prints a JSON object a line, in the order of the questions: {"where": …, "rows": […], "next": …}. One signature opens
    the session; calls carry codes and are countersigned as they go. Past the first page of an answer, use `query`.
    """
    with opened(target) as client:
        began, count = time.monotonic(), 0
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        with client.session(grants=[grant] if grant else None) as within, ThreadPoolExecutor(threads) as pool:

            def ask(where: Where) -> SessionAnswer:
                return within.query(
                    code, where=where, fields=list(fields) or None, purpose=purpose, grant=grant
                )

            waiting: list[tuple[int, SessionAnswer]] = []
            for where, answer in _in_order(pool, ask, questions, threads * AHEAD):
                count += 1
                told_line = {"where": where, "rows": answer.rows, "next": answer.next}
                click.echo(json.dumps(told_line, ensure_ascii=False))
                if folder is not None:
                    waiting.append((count, answer))
                    if len(waiting) >= PROVEN:
                        _save(within, waiting, folder)
            if folder is not None:
                _save(within, waiting, folder)
        seconds = time.monotonic() - began
        text = told("{} 次调用，{:.1f} 秒，全部会签。", "{} calls in {:.1f} s, all countersigned.")
        click.echo(text.format(count, seconds), err=True)


def _in_order(
    pool: ThreadPoolExecutor, ask: Callable[[Where], SessionAnswer], questions: IO[str], ahead: int
) -> Iterator[tuple[Where, SessionAnswer]]:
    """Questions with their answers, in order; no more than `ahead` are under way. Raises: QuestionUnreadable."""
    under_way: deque[tuple[Where, Future[SessionAnswer]]] = deque()
    try:
        for number, line in enumerate(questions, 1):
            if not line.strip():
                continue
            where = _question(number, line)
            under_way.append((where, pool.submit(ask, where)))
            if len(under_way) >= ahead:
                first, answer = under_way.popleft()
                yield first, answer.result()
        while under_way:
            first, answer = under_way.popleft()
            yield first, answer.result()
    finally:
        for _, answer in under_way:
            answer.cancel()


def _question(number: int, line: str) -> Where:
    try:
        return _WHERE.decode(line)
    except (msgspec.DecodeError, UnicodeEncodeError) as problem:
        raise QuestionUnreadable(line=number, reason=str(problem)[:120]) from problem


def _save(within: Session, waiting: list[tuple[int, SessionAnswer]], folder: Path) -> None:
    """Countersign and keep the evidence of answers."""
    for number, answer in waiting:
        within.prove(answer.call).save(folder / f"{number}.json")
    waiting.clear()
