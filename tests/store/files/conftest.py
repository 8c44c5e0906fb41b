"""A folder of files for each test."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from tests.store.exchange.conftest import external, key_folder, node, source
from yiwang.dataplane.filestore.store import FileStore
from yiwang.vocabulary.crypto import SUITES

__all__ = ["external", "key_folder", "node", "source"]


@pytest.fixture
def store(settings: Settings, tmp_path: Path) -> FileStore:
    settings.YW_FILES = tmp_path / "files"
    return FileStore(settings.YW_FILES, SUITES["sm2-sm3"], reserve=0)
