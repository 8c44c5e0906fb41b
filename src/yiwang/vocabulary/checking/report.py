"""The report of a check as JSON, written row by row so that ten million rows need no memory.

```json
{"format": "yiwang-check/1", "file": "…", "column": "…", "as": "division", "as_of": "2026-11-21", "encoding": "…",
 "results": [{"row": 2, "valid": true, "normalised": "110103", "warnings": ["division-replaced"],
              "now": [{"code": "110101", "name": "东城区", "full_name": "北京市东城区"}], "status": "replaced"},
             {"row": 3, "valid": false, "reason": "division-unknown", "reason_zh": "…", "reason_en": "…"}],
 "rows": 2, "valid": 1, "invalid": 1, "reasons": {"division-unknown": 1}, "warnings": {"division-replaced": 1}}
```
The file holds the values themselves; it is readable by its owner alone.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from types import TracebackType
from typing import IO, ClassVar

from yiwang.vocabulary.checking.verdicts import Verdict
from yiwang.vocabulary.divisions.tree import Divisions, Resolution
from yiwang.vocabulary.errors import YwError

FORMAT = "yiwang-check/1"
REMEMBERED = 50_000
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class ReportUnwritable(YwError):
    """The report cannot be written."""

    code: ClassVar[str] = "check-report-unwritable"
    message_zh: ClassVar[str] = "无法写入报告 {file}：{problem}。"
    message_en: ClassVar[str] = "The report {file} cannot be written: {problem}."
    mend_zh: ClassVar[str] = "请换一个可写的位置，并确认磁盘空间足够；报告不能与被检查的文件同名。"
    mend_en: ClassVar[str] = "Choose another place with room enough, and not the file that is checked."


class ReportWriter:
    """Writes beside the final place and moves the whole there at the end; nothing half-made remains.

    Raises:
        ReportUnwritable: the place cannot be written.
    """

    def __init__(self, path: Path, head: dict[str, str], divisions: Divisions) -> None:
        self._path = path
        self._head = head
        self._divisions = divisions
        self._file: IO[str] | None = None
        self._temporary = ""
        self._first = True
        self._tails: dict[str, str] = {}  # division codes repeat: what is said of each is put into words once

    def __enter__(self) -> ReportWriter:
        try:
            number, self._temporary = tempfile.mkstemp(dir=self._path.resolve().parent, prefix=".check-")
        except OSError as wrong:
            raise self._unwritable(wrong) from wrong
        self._file = os.fdopen(number, "w", encoding="utf-8")
        self._write(_encode({"format": FORMAT, **self._head})[:-1] + ',"results":[')
        return self

    def row(self, row: int, value: str | None, verdict: Verdict) -> None:
        """One row; a value that is not valid is given as it stands in the file."""
        if verdict.resolution is not None and value is not None:
            tail = self._tails.get(value)
            if tail is None:
                tail = _encode(self._facts(value, verdict))[1:]
                if len(self._tails) < REMEMBERED:
                    self._tails[value] = tail
        else:
            tail = _encode(self._facts(value, verdict))[1:]
        self._write(f'{"" if self._first else ","}\n{{"row":{row},{tail}')
        self._first = False

    def _facts(self, value: str | None, verdict: Verdict) -> dict[str, object]:
        facts: dict[str, object] = {"valid": verdict.error is None}
        if verdict.error is not None:
            facts["value"] = value
            facts["reason"] = verdict.error.code
            facts["reason_zh"] = verdict.error.text("zh")
            facts["reason_en"] = verdict.error.text("en")
            for fact in ("position", "expected", "found", "length", "suggestions"):
                if fact in verdict.error.facts:
                    facts[fact] = verdict.error.facts[fact]
        else:
            facts["normalised"] = verdict.normalised
            if value is not None and value != verdict.normalised:
                facts["value"] = value
        if verdict.notices:
            facts["warnings"] = [notice.code for notice in verdict.notices]
        if verdict.resolution is not None:
            self._add_division(facts, verdict.resolution)
        return facts

    def close(self, tail: dict[str, object]) -> None:
        """The totals, and the move to the final place."""
        self._write("\n]," + _encode(tail)[1:] + "\n")
        try:
            if self._file is not None:
                self._file.close()
                self._file = None
            Path(self._temporary).replace(self._path)
        except OSError as wrong:
            raise self._unwritable(wrong) from wrong
        self._temporary = ""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()
        if self._temporary:
            Path(self._temporary).unlink(missing_ok=True)

    def _add_division(self, facts: dict[str, object], found: Resolution) -> None:
        facts["status"] = str(found.status)
        facts["name"] = found.was.name if found.was is not None else None
        facts["now"] = [
            {"code": now.code, "name": now.name, "full_name": self._divisions.full_name(now.code, found.on)}
            for now in found.now
        ]
        if found.changes:
            facts["changes"] = [
                {
                    "code": change.code,
                    "year": change.year,
                    "successors": list(change.successors),
                    "document": change.document,
                    "verified": change.verified,
                }
                for change in found.changes
            ]

    def _write(self, text: str) -> None:
        try:
            if self._file is not None:
                self._file.write(text)
        except OSError as wrong:
            raise self._unwritable(wrong) from wrong

    def _unwritable(self, wrong: OSError) -> ReportUnwritable:
        return ReportUnwritable(file=str(self._path), problem=wrong.strerror or str(wrong))
