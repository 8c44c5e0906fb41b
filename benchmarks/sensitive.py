"""Precision and recall of the census' finder of personal and sensitive columns, on columns labelled by hand.

Labels: `benchmarks/labels/made.csv` (columns with made values, decoys among them) and `given.csv` (names of columns of the
public sets beside the repository; left out, and said so, where those are absent) are what the finder was made with.
`unseen.csv`, and as a second set `further.csv` and `further_given.csv`, were written afterwards and never
used to change it. A column counts as found when
the finder marks it with a confidence of at least 0.5. Run as `./yw bench sensitive`; the last line is one JSON object.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import json
import random
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from benchmarks._columns import MAKERS
from yiwang.dataplane.census.draft import Draft, Item
from yiwang.dataplane.census.opening import Place, places
from yiwang.dataplane.census.scan import scan
from yiwang.dataplane.census.source import Limits

ROOT = Path(__file__).resolve().parents[1]
LABELS = Path(__file__).resolve().parent / "labels"
GIVEN = ROOT.parent / "shared" / "data"
ROWS = 300
NOW = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
FLOOR = 0.95
SAME = (
    {"mobile", "phone", "contact_phone", "home_phone"}, {"address", "home_address", "house_no"},
    {"resident_id", "id_number", "social_security_no", "passport"}, {"account", "user_id"}, {"health", "disability"},
    {"person_name", "author"}, {"ethnic", "race"}, {"medical_no", "user_id"},
)  # fmt: skip
"""Kinds that are told apart in the result but are one answer to the question what the column is."""


@dataclass(frozen=True)
class Answer:
    """What a person said about a column, and what the finder says."""

    where: str
    label: str
    found: str
    confidence: float
    made: bool


def labels(name: str) -> list[dict[str, str]]:
    with (LABELS / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def made(folder: Path, name: str = "made.csv", seed: int = 5) -> list[Answer]:
    """Write the made columns as files and look into them."""
    tables: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in labels(name):
        tables[row["table"]].append(row)
    answers = []
    for table, columns in tables.items():
        draw = random.Random(f"{seed} {table}")
        path = folder / f"{table}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            # a file has no comments: where a column has one, it is the name
            writer.writerow([column["comment"] or column["column"] for column in columns])
            writer.writerows([[MAKERS[c["values"]](draw, at) for c in columns] for at in range(ROWS)])
        items = found(scan([Place(str(path))], Limits(header=True), NOW))
        for column in columns:
            item = items[column["comment"] or column["column"]]
            answers.append(answer(f"{table}.{column['column']}", column["label"], item, made=True))
    return answers


def given(of: str = "given.csv") -> list[Answer]:
    files: dict[str, dict[str, str]] = defaultdict(dict)
    for row in labels(of):
        files[row["file"]][row["column"]] = row["label"]
    answers = []
    for name, columns in files.items():
        path = GIVEN / name
        if not path.exists():
            continue
        items = found(scan(places([str(path)]), Limits(), NOW))
        answers += [
            answer(f"{name}:{column}", label, items[column], made=False) for column, label in columns.items()
        ]
    return answers


def found(draft: Draft) -> dict[str, Item]:
    return {item.column: item for resource in draft.resources for item in resource.items}


def answer(where: str, label: str, item: Item, *, made: bool) -> Answer:
    mark = item.mark
    return Answer(where, label, mark.kind if mark else "-", mark.confidence if mark else 0.0, made)


def same_kind(one: str, other: str) -> bool:
    return one == other or any({one, other} <= kinds for kinds in SAME)


def measured(answers: list[Answer]) -> dict[str, float | int]:
    right = sum(a.label != "-" and a.found != "-" for a in answers)
    marked = sum(a.found != "-" for a in answers)
    personal = sum(a.label != "-" for a in answers)
    kinds = sum(a.label != "-" and a.found != "-" and same_kind(a.label, a.found) for a in answers)
    return {
        "columns": len(answers), "personal": personal, "precision": round(right / max(1, marked), 4),
        "recall": round(right / max(1, personal), 4), "kind_right": round(kinds / max(1, right), 4),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(prog="yw bench sensitive", description=__doc__)
    parser.add_argument("--seed", type=int, default=5, help="of the made values")
    parser.add_argument("--verbose", action="store_true", help="list every column that was judged wrongly")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        answers = made(Path(folder), seed=arguments.seed)
        unseen = made(Path(folder), "unseen.csv", seed=arguments.seed)
        further = made(Path(folder), "further.csv", seed=arguments.seed)
    answers += given()
    further += given("further_given.csv")
    wrong = [a for a in (*answers, *unseen, *further) if (a.label == "-") != (a.found == "-")]
    for a in wrong:
        print(f"{a.where}: labelled {a.label}, found {a.found} {a.confidence or ''}")
    if arguments.verbose:
        for a in answers:
            if a.label != "-" and a.found != "-" and not same_kind(a.label, a.found):
                print(f"{a.where}: kind {a.label}, found {a.found}")
    shared = any(not a.made for a in answers)
    if not shared:
        print("the public sets are not here: only the made columns were judged")
    total = measured([*answers, *unseen, *further])
    result = {
        "bench": "sensitive", **total, "unseen": measured(unseen), "further": measured(further),
        "made": measured([a for a in answers if a.made]),
        "given": measured([a for a in answers if not a.made]) if shared else None, "floor": FLOOR,
        "ok": total["precision"] >= FLOOR and total["recall"] >= FLOOR,
    }  # fmt: skip
    print(json.dumps(result, ensure_ascii=False))


if __name__ == "__main__":
    main()
