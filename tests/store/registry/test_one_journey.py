"""Outside of any other transaction a call is one journey to the database: who acts, what is asked, and its end."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from tests.store.registry.families import CLERK, DIRECTOR, NEIGHBOUR, NOW, TOWN, applied
from yiwang.blocks.registry import public as registry
from yiwang.blocks.registry.public import Wanted
from yiwang.blocks.registry.store import models
from yiwang.vocabulary.crypto import FileKeyProvider, use_key_provider

pytestmark = pytest.mark.django_db(transaction=True)
GIVEN = {"number": "JZ1", "town": TOWN, "head": "张某", "amount": 20000}


@pytest.fixture(autouse=True)
def _system(tmp_path: Path) -> Iterator[None]:
    use_key_provider(FileKeyProvider(tmp_path / "keys", create=True))
    applied()
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA sys_aid CASCADE")
        cursor.execute("DROP SCHEMA sys_aid_read CASCADE")


def test_records_are_written_and_read_and_nothing_of_the_errand_stays_behind() -> None:
    number = registry.create_record(CLERK, "aid", "family", GIVEN, NOW)
    assert registry.record(CLERK, "aid", "family", number, NOW).values["head"] == "张某"
    page = registry.records(DIRECTOR, "aid", "family", Wanted({"state": "draft"}), NOW)
    assert (page.total, page.following) == (1, None)
    assert len(registry.history(CLERK, "aid", "family", number, NOW)) == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('yw.system_roles', true), '')")
        assert cursor.fetchone() == ("",)


def test_what_the_database_refuses_is_told_and_leaves_the_connection_fit() -> None:
    number = registry.create_record(CLERK, "aid", "family", GIVEN, NOW)
    with pytest.raises(registry.KeyTaken):
        registry.create_record(CLERK, "aid", "family", GIVEN, NOW)
    with pytest.raises(registry.RecordRefused):
        registry.change_record(DIRECTOR, "aid", "family", number, {"amount": 1}, NOW)
    with pytest.raises(registry.RecordUnknown):
        registry.withdraw_record(NEIGHBOUR, "aid", "family", number, NOW)
    with pytest.raises(registry.ListBroken):
        registry.records(CLERK, "aid", "family", Wanted({}, mark="WzFd"), NOW)
    assert registry.record(CLERK, "aid", "family", number, NOW).id == number


def test_a_system_that_was_applied_anew_is_noticed_before_anything_is_done() -> None:
    number = registry.create_record(CLERK, "aid", "family", GIVEN, NOW)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE registry_system SET applied_at = applied_at + interval '1 day'")
    registry.change_record(CLERK, "aid", "family", number, {"amount": 1}, NOW + timedelta(hours=1))
    assert len(registry.history(CLERK, "aid", "family", number, NOW)) == 2
    with connection.cursor() as cursor:
        cursor.execute("UPDATE registry_system SET state = 'gone'")
    with pytest.raises(registry.SystemUnknown):
        registry.record(CLERK, "aid", "family", number, NOW)


def test_a_creation_repeated_at_once_by_many_is_made_once() -> None:

    def make(_: int) -> int:
        try:
            return registry.create_record(CLERK, "aid", "family", GIVEN, NOW, once="key", body=b"first")
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        made = set(pool.map(make, range(8)))
    assert len(made) == 1
    assert models.Once.objects.count() == 1
    assert registry.records(DIRECTOR, "aid", "family", Wanted({}), NOW).total == 1
    with pytest.raises(registry.RepetitionDiffers):
        registry.create_record(CLERK, "aid", "family", GIVEN, NOW, once="key", body=b"other")


def test_a_sealed_value_is_nowhere_in_the_servers_files_and_another_is_found_there(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Tables, write-ahead log and the server's own log, byte by byte; a value that is not sealed proves the search."""
    secret, plain = "6222000099990007", "OPENVALUE9"
    number = registry.create_record(CLERK, "aid", "family", {**GIVEN, "account": secret, "head": plain}, NOW)
    registry.change_record(
        CLERK, "aid", "family", number, {"account": secret[::-1]}, NOW + timedelta(hours=1)
    )
    with pytest.raises(registry.KeyTaken):
        registry.create_record(CLERK, "aid", "family", {**GIVEN, "account": secret}, NOW)
    registry.records(CLERK, "aid", "family", Wanted({"account": secret}), NOW)
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
        cursor.execute("SHOW data_directory")
        folder = Path(str(cursor.fetchone()[0])).parent
    sealed = [secret.encode(), secret[::-1].encode()]
    wanted = {"sealed": [*sealed, *(one.hex().encode() for one in sealed)], "open": [plain.encode()]}
    found = dict.fromkeys(wanted, False)
    for file in folder.rglob("*"):
        if file.is_file():
            data = file.read_bytes()
            for kind, values in wanted.items():
                found[kind] = found[kind] or any(value in data for value in values)
    assert found == {"sealed": False, "open": True}
    assert secret not in caplog.text
