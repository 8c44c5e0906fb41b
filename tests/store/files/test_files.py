"""Offering a resource by file, who sees what was delivered, and what the worker ends and destroys."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection

from tests.store.exchange.cast import (
    AUDITOR,
    CHEN_CHEN,
    CLERK,
    CONSUMER,
    NOW,
    WANG_MIN,
    ZHAO_JING,
    ZHOU_HANG,
    mounted,
    wish,
)
from tests.store.files.cast import BY_FILE, delivered, held, shelved, stored
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.domain.errors import NotAllowed
from yiwang.blocks.exchange.public import SYSTEM, SourceForm
from yiwang.blocks.exchange.store.models import CompiledGrantRow, CompiledResourceRow, Mount, Notice
from yiwang.blocks.files import public as files
from yiwang.blocks.files.store.models import Chunk, Delivery, File, Shelf
from yiwang.blocks.identity.public import Actor, acting
from yiwang.dataplane.filestore.store import FileStore

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_a_resource_without_a_table_is_offered_asked_for_and_granted_by_file() -> None:
    code = shelved()
    assert CompiledResourceRow.objects.get(pk=code).state == "active"
    entry = exchange.resource_entry(ZHOU_HANG, code, NOW)
    assert [(one.mode, one.path) for one in entry.services] == [
        ("file", f"/v1/files?resource={code.replace('/', '%2F')}")
    ]
    grant = held(code)
    assert '"modes":["file"]' in CompiledGrantRow.objects.get(pk=grant).doc
    assert exchange.holders(code, "file", NOW) == {CONSUMER: "市民政局"}
    assert exchange.sources(WANG_MIN) == (), "the node's own store is nobody's database"
    assert not exchange.mounted_tables({code})


def test_files_stand_beside_a_table_and_outlive_neither(source: SourceForm) -> None:
    code = mounted(source)
    files.open_shelf(WANG_MIN, code, files.ShelfForm(), NOW)
    form = exchange.request_form(ZHOU_HANG, code, NOW)
    assert form.modes == ("query", "verify", "file")
    files.close_shelf(WANG_MIN, code, "", NOW)
    assert exchange.request_form(ZHOU_HANG, code, NOW).modes == ("query", "verify")
    assert not files.shelf(WANG_MIN, code, NOW).is_open


def test_closing_the_only_service_ends_the_mount() -> None:
    code = shelved()
    files.close_shelf(WANG_MIN, code, "不再交付", NOW)
    with acting(SYSTEM):
        assert Mount.objects.get(resource=code).state == "withdrawn"
    files.open_shelf(WANG_MIN, code, files.ShelfForm(), NOW)
    assert exchange.request_form(ZHOU_HANG, code, NOW).modes == ("file",)


def test_a_table_can_be_added_later(source: SourceForm) -> None:
    from tests.store.exchange.cast import mount_form

    code = shelved()
    source_id = exchange.add_source(WANG_MIN, source, NOW)
    exchange.mount_resource(WANG_MIN, mount_form(code, source_id), NOW)
    assert exchange.request_form(ZHOU_HANG, code, NOW).modes == ("query", "verify", "file")


def test_rows_still_need_their_look_ups_when_files_are_asked_for_too(source: SourceForm) -> None:
    code = mounted(source)
    files.open_shelf(WANG_MIN, code, files.ShelfForm(), NOW)
    with pytest.raises(exchange.FormInvalid):
        exchange.create_request(ZHOU_HANG, code, wish(modes=("query", "file"), lookups=(), claims=()), NOW)
    exchange.create_request(ZHOU_HANG, code, wish(**BY_FILE), NOW)


@pytest.mark.parametrize("actor", [ZHOU_HANG, ZHAO_JING, CLERK, AUDITOR, CHEN_CHEN])
def test_only_the_providers_data_officer_opens_and_closes(actor: Actor) -> None:
    code = shelved()
    with pytest.raises(NotAllowed):
        files.open_shelf(actor, code, files.ShelfForm(), NOW)
    with pytest.raises(NotAllowed):
        files.close_shelf(actor, code, "", NOW)


@pytest.mark.parametrize("form", [{"largest": 0}, {"after_delivery": 0}, {"unfetched": 4000}])
def test_days_and_sizes_without_sense_are_refused(form: dict[str, int]) -> None:
    with pytest.raises(files.ShelfFormWrong):
        shelved(**form)


def test_each_sees_what_is_theirs(store: FileStore) -> None:
    code = shelved()
    grant = held(code)
    ready, refused = stored(store, code), stored(store, code, b"bad", "refused")
    delivered(ready, grant, NOW)
    mine = files.shelf(WANG_MIN, code, NOW)
    assert {one.id for one in mine.files} == {ready, refused}
    assert mine.holders == {CONSUMER: "市民政局"}
    assert [one.receipt for one in mine.files[-1].deliveries] == [("gw1", 8)]
    theirs = files.shelf(ZHOU_HANG, code, NOW)
    assert ([one.id for one in theirs.files], theirs.grants, theirs.holders) == ([ready], (grant,), {})
    assert {one.id for one in files.shelf(AUDITOR, code, NOW).files} == {ready, refused}
    assert files.shelf(ZHAO_JING, code, NOW).files == ()


@pytest.fixture
def as_app() -> Callable[[], None]:
    """From its call on the test runs as a role that row-level security binds, as the application's does."""

    def bound() -> None:
        with connection.cursor() as cursor:
            cursor.execute("CREATE ROLE files_test_app")
            cursor.execute(
                "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO files_test_app"
            )
            cursor.execute("SET LOCAL ROLE files_test_app")

    return bound


@pytest.mark.parametrize(
    ("who", "count"),
    [(WANG_MIN, 1), (ZHOU_HANG, 1), (AUDITOR, 1), (ZHAO_JING, 0), (CLERK, 0), (CHEN_CHEN, 0)],
)
def test_the_database_itself_hides_rows_from_outsiders(
    store: FileStore, as_app: Callable[[], None], who: Actor, count: int
) -> None:
    code = shelved()
    delivered(stored(store, code), held(code), None)
    as_app()
    with acting(who):
        assert (File.objects.count(), Delivery.objects.count()) == (count, count)
        assert Chunk.objects.count() == 0, "chunks are the platform's own"
        assert Delivery.objects.update(receipt="forged") == 0
        assert File.objects.exclude(provider=who.agency or "-").update(digest="0" * 64) == 0
        assert Shelf.objects.exclude(agency=who.agency or "-").update(open=False) == 0
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


def test_receivers_and_sender_are_told_once(store: FileStore) -> None:
    code = shelved()
    held(code)
    stored(store, code)
    stored(store, code, b"bad", "refused")
    assert files.tick(NOW).told == 2
    assert files.tick(NOW).told == 0
    told = Notice.objects.filter(kind__startswith="file-").order_by("kind")
    assert [(one.kind, one.agency) for one in told] == [
        ("file-ready", CONSUMER),
        ("file-refused", WANG_MIN.agency),
    ]


def test_an_upload_that_stands_still_is_ended(store: FileStore) -> None:
    number = stored(store, shelved(), state="arriving")
    assert files.tick(NOW + 2 * DAY).expired == 0
    swept = files.tick(NOW + 3 * DAY)
    assert (swept.expired, swept.chunks) == (1, 1)
    with acting(SYSTEM):
        assert File.objects.get(pk=number).ended == "expired"


def test_a_file_is_kept_its_days_after_the_last_receiver_and_its_shared_chunk_longer(
    store: FileStore,
) -> None:
    code = shelved(after_delivery=30, unfetched=180)
    grant = held(code)
    first, second = stored(store, code), stored(store, code, at=NOW + DAY)
    delivered(first, grant, NOW + DAY)
    assert files.tick(NOW + 30 * DAY).ended == 0
    swept = files.tick(NOW + 31 * DAY)
    assert (swept.ended, swept.chunks) == (1, 0), "the second file refers to the same chunk"
    with acting(SYSTEM):
        digest = File.objects.get(pk=second).digest
        assert Chunk.objects.get(pk=digest).refs == 1
    assert store.whole(digest, 5) == b"hello"
    view = next(one for one in files.shelf(WANG_MIN, code, NOW).files if one.id == first)
    assert view.deliveries, "the receipts stay"
    assert files.tick(NOW + 182 * DAY).chunks == 1
    assert store.whole(digest, 5) is None


def test_a_chunk_that_somebody_takes_up_again_meanwhile_stays(store: FileStore) -> None:
    code = shelved()
    number = stored(store, code, state="refused")
    with acting(SYSTEM):
        digest = File.objects.get(pk=number).digest
    assert files.tick(NOW + 29 * DAY).chunks == 0
    stored(store, code, at=NOW + 29 * DAY)
    assert files.tick(NOW + 31 * DAY).ended == 1
    assert store.whole(digest, 5) == b"hello"
