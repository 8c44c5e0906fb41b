"""A whole table of the nation on the stage of three nodes, and a database of the city's to copy it into."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from tests.gateway.cascade_stage import CITY, NATION, CascadeStage, until
from tests.gateway.stage import ITEM, PROVIDER
from yiwang.blocks.exchange.domain.compiled import (
    CompiledField,
    CompiledResource,
    GrantedField,
    RowCondition,
)
from yiwang.bootstrap.cli.client_table import run_table
from yiwang.client import Client, GatewayRefused
from yiwang.client.tables import Tables
from yiwang.dataplane.connectors.places import Place, Reach, place_of
from yiwang.dataplane.transfer.keeping import JobFolder
from yiwang.dataplane.transfer.planning import Order
from yiwang.dataplane.transfer.report import Report
from yiwang.vocabulary.delivering import Way

CODE = "100000001/9"
ADDRESS = f"{CODE}@{NATION}"
ROWS = 4000
HIDDEN = "绝密"
COLUMNS = (
    ("编号", "bh", "text"), ("法人", "fr", "text"), ("区划", "qh", "text"), ("资本", "zb", "decimal"),
    ("更新", "gx", "datetime"), ("备注", "bz", "text"),
)  # fmt: skip
WHOLE: dict[str, Any] = {
    "resource": CODE, "modes": ("table",), "predicates": (), "required": (), "claims": (),
    "fields": (GrantedField("编号"), GrantedField("法人", "name"), GrantedField("资本"), GrantedField("更新")),
    "rows": (RowCondition("区划", "prefix", "62"),), "ways": ("full", "incremental", "diff"), "frequency": "hourly",
}  # fmt: skip
"""A grant of whole tables: four fields, one of them masked, the rows of one province."""


@dataclass
class Ledgers:
    """The nation's table and the city's copies."""

    cascade: CascadeStage
    url: str
    admin: str
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def grant(self, **changed: Any) -> str:
        """A fresh grant of whole tables, with a lease that holds."""
        number = self.cascade.grant(**(WHOLE | changed))
        self.leased(number)
        return number

    def leased(self, grant: str) -> None:
        """The nation's grants hold at every node."""

        def known() -> bool:
            self.cascade.leases()
            try:
                with self.at_city() as here:
                    Tables(here, ADDRESS, purpose=ITEM, grant=grant).ask(
                        b'{"act":"count","run":"' + b"0" * 32 + b'"}'
                    )
            except GatewayRefused as refused:
                return refused.code != "lease-over"
            return True

        until(known)

    def at_city(self, **options: Any) -> Client:
        """The city's caller at its own gateway; it tries nothing twice by itself."""
        made = Client(self.cascade.gateways[CITY].url, self.cascade.caller, node=CITY)
        made.caller.options = type(made.caller.options)(retries=options.get("retries", 0))
        return made

    def target(self) -> tuple[Place, str]:
        """A new table in the city's database, by its place and name."""
        return place_of(self.url, Reach()), f"t{next(self._numbers)}"

    def run(
        self, grant: str, target: tuple[Place, str], folder: Path, *, way: Way = "full", chunk: int = 1000,
        client: Client | None = None, **changed: Any,
    ) -> Report:  # fmt: skip
        """One run of the city's job."""
        place, name = target
        order = Order(name, ADDRESS, name, way, (), "更新" if way == "incremental" else "", chunk, **changed)
        with client or self.at_city() as here:
            asked = Tables(here, ADDRESS, purpose=ITEM, grant=grant)
            return run_table(here, asked, order, way, place, JobFolder(folder, name).make())

    @contextmanager
    def database(self, name: str) -> Iterator[psycopg.Connection]:
        """As its owner."""
        with psycopg.connect(self.admin.replace("/postgres", f"/{name}"), autocommit=True) as connection:
            yield connection

    def copied(self, target: tuple[Place, str]) -> list[tuple[Any, ...]]:
        """What stands in the city's table."""
        with self.database("city_lake") as connection:
            return [
                tuple(row)
                for row in connection.execute(
                    f'SELECT "编号", "法人", "资本", "更新" FROM {target[1]} ORDER BY "编号" COLLATE "C"'.encode()
                )
            ]

    def wanted(self) -> list[tuple[Any, ...]]:
        """What a grant lets out of the nation's table, as it is now."""
        with self.database("registers") as connection:
            rows = connection.execute(
                "SELECT bh, fr, zb, gx FROM register WHERE qh LIKE '62%' ORDER BY bh COLLATE \"C\""
            )
            return [(bh, fr[0] + "*" * (len(fr) - 1), zb, gx) for bh, fr, zb, gx in rows]

    def executed(self, statement: str) -> None:
        """Change the nation's table."""
        with self.database("registers") as connection:
            connection.execute(statement.encode())


def open_ledgers(cascade: CascadeStage) -> Ledgers:
    """Fill the nation's table and publish it."""
    nation = cascade.nodes[NATION]
    with psycopg.connect(nation.database("registers"), autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE register (bh text PRIMARY KEY, fr text NOT NULL, qh text, zb numeric(18,2), gx timestamp, bz text)"
        )
        connection.execute(
            "INSERT INTO register SELECT 'N' || lpad(n::text, 8, '0'), '王' || repeat('明', 1 + n % 2),"
            " CASE n % 4 WHEN 0 THEN '110000' ELSE '620100' END, n * 1.25, timestamp '2026-01-01' + n * interval '1 minute',"
            f" '{HIDDEN}' FROM generate_series(1, {ROWS}) AS n"
        )
    nation.publish(
        CompiledResource(
            code=CODE, title="登记", title_en="Register", version=1, provider=PROVIDER,
            fields=tuple(CompiledField(name, column, kind, kind) for name, column, kind in COLUMNS),  # type: ignore[arg-type]
            key=("编号",), schema="public", relation="register", source=nation.source("registers"),
        )
    )  # fmt: skip
    return Ledgers(cascade, nation.database("city_lake"), nation.admin)
