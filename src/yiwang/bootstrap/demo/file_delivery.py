"""One file of the demo, delivered and confirmed through the gateway as two departments' programs do."""

from __future__ import annotations

import csv
import random
from datetime import date
from pathlib import Path
from typing import Final

from yiwang.bootstrap.demo import enterprises
from yiwang.client import Client
from yiwang.client.transfer import download, upload

NAME: Final = "企业年度报告2025.csv"
_ROWS: Final = 4000


def deliver(gateway: str, folder: Path, code: str, purpose: str, provider: Path, consumer: Path) -> None:
    """Upload the report and fetch it, as two departments' programs do. Raises: ClientError."""
    original = folder / NAME
    _write(original)
    try:
        with Client(gateway, provider, trust=folder / "trust.json") as client:
            sent = upload(client, original, to=code)
        with Client(gateway, consumer, trust=folder / "trust.json") as client:
            download(client, sent.id, folder / "fetched", purpose=purpose)
    finally:
        original.unlink()


def _write(path: Path) -> None:
    draw = random.Random(2903)  # noqa: S311 - synthetic figures, not a secret
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["统一社会信用代码", "报告年度", "资产总额（万元）"])
        for row in enterprises.rows(_ROWS, date(2026, 1, 1)):
            writer.writerow([row[0], 2025, f"{draw.lognormvariate(6, 1.5):.2f}"])
