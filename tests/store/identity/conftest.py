"""One city for every test of accounts and clients."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth.hashers import make_password
from pytest_django import Settings

from tests.store.identity import cast


@pytest.fixture(scope="session")
def key_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("identity")


@pytest.fixture
def node(db: None, settings: Settings, key_folder: Path) -> None:
    """A demonstration node with the whole cast."""
    settings.YW_MODE = "demo"
    # the strength of the hash is Django's business; a slow one would only slow the tests
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    assert make_password("x").startswith("md5$")
    cast.keys_in(key_folder)
    cast.city()
    cast.people(*cast.EVERYBODY)
