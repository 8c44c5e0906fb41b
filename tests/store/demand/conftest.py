"""The keys of the exchange tests; everything runs as a role that row-level security binds, as on a node."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection

from tests.store.exchange.conftest import key_folder, node

__all__ = ["key_folder", "node"]


@pytest.fixture(autouse=True)
def application(db: None, node: None) -> Iterator[None]:
    del db, node
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE demand_test_app")
        cursor.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO demand_test_app")
        cursor.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO demand_test_app")
        cursor.execute("SET LOCAL ROLE demand_test_app")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
