"""No value of an encrypted field is in a log or in a file of somebody who may not see it, whatever goes wrong."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils.module_loading import import_string

from tests.store.registry import calling, shops
from tests.store.registry.applied import NOW, ROLES, applied, holder
from tests.store.registry.calling import called
from tests.store.registry.families import CLERK, COMMITTEE, DIRECTOR, NEIGHBOUR, OUTSIDER, TOWN
from tests.store.registry.families import applied as families_applied
from tests.store.registry.reading_logs import end_of_log, everything_logged, logged
from tests.store.registry.test_encrypting import MARK, SEALED, entered, phones, released
from yiwang.blocks.registry import public as registry
from yiwang.blocks.registry.actions import enciphering
from yiwang.blocks.registry.api import calls
from yiwang.blocks.registry.public import Errand, Owner, Wanted
from yiwang.dataplane.tables.reading import Format, open_table
from yiwang.vocabulary.crypto import FileKeyProvider, use_key_provider

NAME = "名叫王小明"
HEADS = ("number", "name", "kind", "phone")
COPYING = "COPY sys_shops.shop (number, _id) FROM STDIN"


@pytest.fixture(autouse=True)
def keys(tmp_path: Path) -> None:
    use_key_provider(FileKeyProvider(tmp_path / "keys", create=True))


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What the web server and the worker write as their log while the test runs."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(import_string(settings.LOGGING["formatters"]["line"]["()"])())  # type: ignore[index]
    handler.setLevel(logging.DEBUG)
    logging.getLogger().addHandler(handler)
    yield written
    logging.getLogger().removeHandler(handler)


def forms(text: str) -> list[str]:
    """A text as it may stand in a log: as it is, as bytes in hexadecimal digits, escaped."""
    return [text, text.encode().hex(), text.encode("unicode_escape").decode(), repr(text.encode())[2:-1]]


def taken_in(clerk: Errand, rows: Iterator[tuple[int, list[str]]], load: str = "") -> None:
    """Rows of a file, by a load of this name or at once."""
    if load:
        registry.load_in_steps(clerk, load, "d" * 64, "shops", "shop", HEADS, rows, lambda: NOW)
    else:
        registry.load_records(clerk, "shops", "shop", HEADS, rows, NOW)


def provoked(clerk: Errand, made: Owner, mark: str) -> None:
    """Everything that can go wrong with a shop whose phone holds the mark."""
    values = {"number": "S900", "name": NAME, "kind": "shop", "phone": mark}
    registry.create_record(clerk, "shops", "shop", values, NOW)
    with pytest.raises(registry.KeyTaken):
        registry.create_record(clerk, "shops", "shop", values, NOW)
    with pytest.raises(registry.RecordInvalid):
        registry.create_record(clerk, "shops", "shop", {**values, "number": "S901", "phone": mark * 9}, NOW)
    for number, line in enumerate(([mark * 9], ["S900", NAME, "shop", mark], ["S902", NAME, mark, mark])):
        for load in (False, True):
            rows = iter([(2, line)])
            with pytest.raises(registry.FileRefused):
                taken_in(clerk, rows, f"n{number}" if load else "")
    # what the server itself refuses, its words quoting the row
    made.execute(f"ALTER TABLE sys_shops.shop ADD CONSTRAINT shop_bad CHECK (name <> '{NAME}坏')".encode())
    bad = {**values, "number": "S903", "name": f"{NAME}坏"}
    with pytest.raises(Exception, match="shop_bad"):
        registry.create_record(clerk, "shops", "shop", bad, NOW)
    with pytest.raises(Exception, match="shop_bad"):
        taken_in(clerk, iter([(2, ["S904", f"{NAME}坏", "shop", mark])]))
    made.execute(b"ALTER TABLE sys_shops.shop DROP CONSTRAINT shop_bad")
    made.execute(
        b"CREATE FUNCTION sys_shops.tells() RETURNS trigger LANGUAGE plpgsql AS"
        b" $$ BEGIN RAISE 'refused' USING DETAIL = NEW::text; END $$"
    )
    made.execute(
        b"CREATE TRIGGER tells BEFORE INSERT ON sys_shops.shop FOR EACH ROW EXECUTE FUNCTION sys_shops.tells()"
    )
    with pytest.raises(Exception, match="refused"):
        registry.create_record(clerk, "shops", "shop", {**values, "number": "S905"}, NOW)
    made.execute(b"DROP FUNCTION sys_shops.tells() CASCADE")
    found = registry.records(clerk, "shops", "shop", Wanted({"phone": mark}), NOW).records
    assert [one.values["phone"] for one in found] == [mark]
    registry.change_record(clerk, "shops", "shop", found[0].id, {"phone": f"{mark}改"}, NOW)
    assert registry.history(clerk, "shops", "shop", found[0].id, NOW)[1].values["phone"] == mark


def test_a_server_that_logs_everything_never_sees_a_value_that_is_sealed(
    separate: Owner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: io.StringIO
) -> None:
    monkeypatch.setattr(enciphering, "BATCH", 2)
    applied(shops.other(tmp_path / "a", shops.FIRST, "1.0.0", "versions"), on=separate)
    clerk = holder(1, "shops.clerk", purpose="upkeep")
    numbers = entered(clerk, 0, 5)
    registry.change_record(clerk, "shops", "shop", numbers[1], {"phone": f"{MARK}改"}, NOW)
    with everything_logged(separate):
        start = end_of_log(separate)
        # plain until the release: they are sealed by it, and its statements are logged with their values
        released(tmp_path, separate, lambda _position, _step, _moment: None)
        assert phones(clerk) == [f"{MARK}{one}" for one in ("0", "改", "2", "3", "4")]
        provoked(clerk, separate, f"{MARK}新")
        told = logged(separate, start)
    assert NAME in told  # a plain field is there: such a server logs all it gets
    assert "Failing row contains" in told
    for form in forms(MARK):
        assert form not in told
        assert form not in lines.getvalue()


def test_as_the_server_is_set_up_its_log_quotes_no_row(
    separate: Owner, tmp_path: Path, lines: io.StringIO
) -> None:
    applied(shops.other(tmp_path, shops.FIRST.replace("phone, type: text(20)", SEALED), "1.0.0"), on=separate)
    clerk = holder(1, "shops.clerk", purpose="upkeep")
    start = end_of_log(separate)
    provoked(clerk, separate, MARK)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO sys_shops.shop (number, name) VALUES (%s, %s)", ["S1", NAME])
    with pytest.raises(psycopg.Error), separate.cursor().copy(COPYING) as copy:
        copy.write(f"{NAME}\t{NAME}\n")
    told = logged(separate, start)
    assert "shop_bad" in told
    assert "violates not-null constraint" in told
    copied = [line for line in told.splitlines() if "invalid input syntax" in line]
    for line in told.splitlines():
        for form in (*forms(MARK), *forms(NAME)):
            # a cell that a type does not take is quoted by the message itself: what is sent has been judged before
            assert form not in line or line in copied
    assert len(copied) == 1


def test_what_an_error_of_the_database_quotes_is_in_no_log_of_the_processes(
    separate: Owner, tmp_path: Path, lines: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    applied(shops.other(tmp_path, shops.FIRST.replace("phone, type: text(20)", SEALED), "1.0.0"), on=separate)
    clerk = holder(1, "shops.clerk", purpose="upkeep")
    separate.execute(f"ALTER TABLE sys_shops.shop ADD CONSTRAINT shop_bad CHECK (name <> '{NAME}')".encode())
    values = {"number": "S903", "name": NAME, "kind": "shop", "phone": MARK}
    monkeypatch.setattr(calls, "signed_in_by", calling.signed_in_by)
    answer = called(clerk.actor, "POST", "/shops/shop", {"values": values}, purpose="upkeep",
                    headers={"Idempotency-Key": "one-of-this-test"})  # fmt: skip
    assert answer.status == 500
    assert NAME not in answer.body.decode()
    with pytest.raises(DatabaseError) as single:
        registry.create_record(clerk, "shops", "shop", values, NOW)
    with pytest.raises(psycopg.Error) as whole:
        taken_in(clerk, iter([(2, ["S904", NAME, "shop", MARK])]))
    for error in (single.value, whole.value):
        assert NAME in str(error)  # the row is in the words of the error
        logging.getLogger("django.request").error("Internal Server Error", exc_info=error)
    told = lines.getvalue()
    assert told.count("23514 shop_bad") >= 2
    assert "actions/records.py" in told
    for form in (*forms(MARK), *forms(NAME)):
        assert form not in told


def texts_of(path: Path, kind: Format) -> str:
    table = open_table(path, kind)
    return "\n".join(map(str, [table.heads, *(row for _, row in table.rows)]))


@pytest.mark.django_db
def test_no_file_and_no_answer_holds_it_for_whoever_may_not_see_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    families_applied()
    monkeypatch.setattr(calls, "signed_in_by", calling.signed_in_by)
    account = "622200001234"
    record = registry.create_record(
        CLERK, "aid", "family", {"town": TOWN, "head": "张某", "account": account}, NOW
    )
    formats: tuple[Format, ...] = ("csv", "xlsx", "parquet")
    for kind in formats:
        path = tmp_path / f"rows.{kind}"
        assert registry.export_records(DIRECTOR, "aid", "family", Wanted({}), NOW, path, kind) == 1
        assert account in texts_of(path, kind)  # whoever has the right has the value
        assert registry.export_records(COMMITTEE, "aid", "family", Wanted({}), NOW, path, kind) == 1
        assert "张某" in texts_of(path, kind)
        assert account not in texts_of(path, kind)
        assert account.encode() not in path.read_bytes()
        for stranger in (NEIGHBOUR, OUTSIDER):
            with pytest.raises(registry.ExportRefused):
                registry.export_records(stranger, "aid", "family", Wanted({}), NOW, path, kind)
    for who, purpose in ((COMMITTEE, "joint_review"), (NEIGHBOUR, "dibao"), (OUTSIDER, "dibao")):
        for method, path_of, body in (
            ("GET", "", None), ("GET", f"/{record}", None), ("GET", f"/{record}/history", None),
            ("POST", "/query", {}), ("POST", "/find", {"where": {"account": account}}),
            ("POST", "/export", {"format": "csv"}),
        ):  # fmt: skip
            answer = called(who.actor, method, f"/aid/family{path_of}", body, purpose=purpose)
            assert account not in answer.body.decode("utf-8", "replace")


@pytest.mark.django_db
def test_the_exchange_reads_no_sealed_column(tmp_path: Path) -> None:
    applied(shops.other(tmp_path, shops.FIRST.replace("phone, type: text(20)", SEALED), "1.0.0"))
    clerk = holder(1, "shops.clerk", purpose="upkeep")
    entered(clerk, 0, 2)
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relnamespace = 'sys_shops_share'::regnamespace")
        views = [name for (name,) in cursor.fetchall()]
        assert views
        cursor.execute(f"SET LOCAL ROLE {ROLES.share}")
        for view in views:
            cursor.execute(f"SELECT * FROM sys_shops_share.{view}")
            columns = [one.name for one in cursor.description or ()]
            assert not {"phone", "secret", "_find_phone"} & set(columns)
            assert all(not isinstance(cell, bytes | memoryview) for row in cursor.fetchall() for cell in row)
        for table in ("shop", "shop__past"):
            with pytest.raises(DatabaseError), transaction.atomic():
                cursor.execute(f"SELECT phone FROM sys_shops.{table}")
