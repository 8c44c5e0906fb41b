"""What tests of applications share."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection

from tests.store.registry.applied import owner
from yiwang.blocks.registry.public import Owner


@pytest.fixture
def separate(transactional_db: None) -> Iterator[Owner]:
    """A connection of its own, as an application uses; what it makes is taken away again."""
    raw = owner()
    made: Owner = psycopg.connect(raw.info.dsn, password=raw.info.password, autocommit=True)
    yield made
    for one in ("", "_read", "_share", "_load", "_quality", "~fresh", "~gone"):
        made.execute(f'DROP SCHEMA IF EXISTS "sys_shops{one}" CASCADE'.encode())
    made.close()
    connection.close()
