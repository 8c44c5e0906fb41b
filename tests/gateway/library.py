"""Files of the nation on the stage of three nodes: delivered by their provider, fetched by the city's caller."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from benchmarks._node import client
from tests.gateway.cascade_stage import CITY, NATION, CascadeStage, until
from tests.gateway.stage import ITEM, PROVIDER
from yiwang.blocks.exchange.domain.compiled import CompiledResource
from yiwang.blocks.exchange.domain.sandbox import NO_SOURCE
from yiwang.client import Client, GatewayRefused
from yiwang.client.files import Files
from yiwang.client.transfer import upload
from yiwang.vocabulary.crypto import SigningKey, generate

FILES = "100000001/7"
OTHER = "100000001/8"
"""Another resource of the same provider, without files."""
ADDRESS = f"{FILES}@{NATION}"
BARE: dict[str, Any] = {
    "resource": FILES, "modes": ("file",), "fields": (), "predicates": (), "required": (), "claims": (),
}  # fmt: skip
"""A grant that allows files and nothing else."""


@dataclass
class Library:
    """The nation's files."""

    cascade: CascadeStage
    provider: SigningKey

    def at_city(self, key: SigningKey | None = None) -> Client:
        """The city's caller at its own gateway."""
        return Client(self.cascade.gateways[CITY].url, key or self.cascade.caller, node=CITY)

    def at_nation(self) -> Client:
        """The provider at its own gateway."""
        return Client(self.cascade.gateways[NATION].url, self.provider, node=NATION)

    def delivered(self, folder: Path, content: bytes, name: str = "long.bin") -> str:
        """A file that arrived and was checked, as the city names it."""
        path = folder / name
        path.write_bytes(content)
        with self.at_nation() as there:
            sent = upload(there, path, to=FILES)
        assert sent.state == "ready"
        return f"{sent.id}@{NATION}"

    def grant(self, **changed: Any) -> str:
        """A fresh grant by file, with a lease that holds."""
        number = self.cascade.grant(**(BARE | changed))
        self.leased(number)
        return number

    def leased(self, grant: str) -> None:
        """The nation's grants hold at every node: no gateway lets a lease hold for more than a minute."""

        def lists() -> bool:
            self.cascade.leases()
            try:
                with self.at_city() as here:
                    list(Files(here).list(ADDRESS, purpose=ITEM, grant=grant))
            except GatewayRefused as refused:
                if refused.code != "lease-over":
                    raise
                return False
            return True

        until(lists)

    def ends(self, number: str, *, at: str) -> None:
        """The grant is revoked, as one node knows."""
        grant = self.cascade.granted(number)
        self.cascade.put_terms(at, grant, "revoked")
        if at == NATION:
            self.cascade.nodes[NATION].publish(grant, state="revoked")
        self.cascade.settle()

    def deliveries(self, grant: str) -> list[tuple[str, int, bool]]:
        """What the owner's ledger says of a grant: file, bytes sent, whether it was confirmed."""
        with psycopg.connect(self.cascade.nodes[NATION].admin.replace("/postgres", "/yiwang")) as connection:
            return [
                tuple(row)
                for row in connection.execute(
                    'SELECT file_id, sent, received_at IS NOT NULL FROM files_delivery WHERE "grant" = %s',
                    [grant],
                ).fetchall()
            ]


def open_library(cascade: CascadeStage) -> Library:
    """Publish the resource and its provider's application."""
    provider = generate("sm2-sm3")
    nation = cascade.nodes[NATION]
    nation.publish(
        CompiledResource(FILES, "年报", "Reports", 1, PROVIDER, (), (), "", "", NO_SOURCE),
        CompiledResource(OTHER, "月报", "Bulletins", 1, PROVIDER, (), (), "", "", NO_SOURCE),
        client("guojia-1", PROVIDER, provider),
    )
    with psycopg.connect(nation.admin.replace("/postgres", "/yiwang")) as connection:
        connection.execute(
            "INSERT INTO files_shelf (resource, agency, open, largest, media, after_delivery, unfetched, created_at,"
            " created_by) VALUES (%s, %s, true, %s, '[]', 30, 180, now(), '')",
            [FILES, PROVIDER, 1 << 40],
        )
    return Library(cascade, provider)
