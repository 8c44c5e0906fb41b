"""PostgreSQL understands every expression of the packages that is compiled for it."""

from __future__ import annotations

from pathlib import Path

import psycopg

from tests.conftest import Server
from tests.unit.systems.declared import statements, tables, worlds
from yiwang.systems.loading import load_package

SYSTEMS = Path(__file__).resolve().parents[3] / "systems"


def test_postgresql_understands_every_compiled_expression(pg_server: Server) -> None:
    packages = {
        path.name: load_package(path).require() for path in sorted(SYSTEMS.iterdir()) if path.is_dir()
    }
    count = 0
    with psycopg.connect(pg_server.admin) as connection:
        for world in worlds(packages):
            connection.execute(f'CREATE SCHEMA "sys_{world.package.id}"'.encode())
            for statement in tables(world):
                connection.execute(statement.encode())
        for world in worlds(packages):
            for _, statement in statements(world, "postgresql"):
                assert connection.execute(statement.encode()).fetchall() == []
                count += 1
        connection.rollback()
    assert count >= 60
