"""One city for every test of accounts and clients."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection
from pytest_django import Settings

from tests.store.identity import cast

TABLES = (
    "organisation_region", "organisation_agency", "organisation_person", "identity_user", "identity_role_grant",
    "identity_authenticator", "identity_account_event",
)  # fmt: skip


@pytest.fixture(scope="session")
def key_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("identity")


@pytest.fixture(scope="session")
def kept() -> dict[str, str]:
    """The rows of the cast, made by the actions once and put back for each further test."""
    return {}


@pytest.fixture
def node(db: None, settings: Settings, key_folder: Path, kept: dict[str, str]) -> None:
    """A demonstration node with the whole cast."""
    settings.YW_MODE = "demo"
    # the strength of the hash is Django's business; a slow one would only slow the tests
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cast.keys_in(key_folder)
    with connection.cursor() as cursor:
        if not kept:
            cast.city()
            cast.people(*cast.EVERYBODY)
            for table in TABLES:
                cursor.execute(f"SELECT json_agg(one)::text FROM (SELECT * FROM {table} ORDER BY 1) one")
                kept[table] = cursor.fetchone()[0]
            return
        for table, rows in kept.items():
            cursor.execute(
                f"INSERT INTO {table} SELECT * FROM json_populate_recordset(NULL::{table}, %s)", [rows]
            )
