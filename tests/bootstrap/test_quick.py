"""What makes the run of the tests short takes nothing from it: tables are empty after a flush, memory is not overfilled."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests import quick


@pytest.mark.django_db(transaction=True)
def test_a_flush_truncates_the_tables_that_hold_rows_and_leaves_what_every_migration_fills() -> None:
    stays = (ContentType.objects.count(), Permission.objects.count())
    assert all(stays)
    call_command("flush", verbosity=0, interactive=False)
    Session.objects.create(session_key="a", session_data="b", expire_date=timezone.now())
    with CaptureQueriesContext(connection) as asked:
        call_command("flush", verbosity=0, interactive=False)
    assert [one["sql"] for one in asked if one["sql"].startswith("TRUNCATE")] == [
        'TRUNCATE "django_session" CASCADE'
    ]
    assert Session.objects.count() == 0
    assert (ContentType.objects.count(), Permission.objects.count()) == stays
    with CaptureQueriesContext(connection) as asked:
        call_command("flush", verbosity=0, interactive=False)
    assert not [one for one in asked if "TRUNCATE" in one["sql"]]


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(quick, "MEMORY", tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setenv("TMPDIR", "is put back after the test")
    monkeypatch.delenv("TMPDIR")
    return tmp_path


def test_files_are_kept_in_memory_where_there_is_room(memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quick, "ROOM", 1)
    folder = quick.files_in_memory()
    assert folder is not None
    assert folder.parent == memory
    assert (os.environ["TMPDIR"], tempfile.gettempdir()) == (str(folder), str(folder))
    assert folder.stat().st_mode & 0o777 == 0o755
    assert quick.files_in_memory() is None, (
        "a second process of the run keeps its files in the first one's folder"
    )
    shutil.rmtree(folder)


def test_without_room_they_stay_where_they_were(memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quick, "ROOM", 2**62)
    assert quick.files_in_memory() is None
    monkeypatch.setattr(quick, "MEMORY", memory / "absent")
    monkeypatch.setattr(quick, "ROOM", 1)
    assert quick.files_in_memory() is None
    assert "TMPDIR" not in os.environ
