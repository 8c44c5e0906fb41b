"""Records that the database writes as JSON: the same answer as the application's own encoder gives of each, for everybody."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import timedelta

import pytest
from django.db import connection, transaction

from tests.store.registry import calling
from tests.store.registry.applied import NOW
from tests.store.registry.calling import called
from tests.store.registry.families import person
from tests.store.registry.installing import field, install
from yiwang.blocks.registry import public as registry
from yiwang.blocks.registry.api import calls
from yiwang.blocks.registry.api.records import _encode
from yiwang.blocks.registry.public import Entity, Errand, Label, Rule, System, Wanted
from yiwang.blocks.registry.queries.reading import shape_of
from yiwang.blocks.registry.store import models

pytestmark = pytest.mark.django_db(transaction=True)
TOWN = "370102001"
APPLIED = NOW - timedelta(minutes=7)
"""No other system of this name is applied at that moment: processes know a release again by its moment."""
SHOP = Entity(
    id="shop", title=Label("店", "Shop"), key=("code",), history="bitemporal",
    fields=(
        field("code", "text", argument="20", required=True),
        field("name", "text", argument="20", mask="name"),
        field("wage", "money", mask="bank_card"),
        field("note", "long_text"),
        field("count", "integer"),
        field("rate", "decimal", argument="12,4", scale=4),
        field("open", "boolean"),
        field("day", "date"),
        field("seen", "datetime"),
        field("kinds", "codes", argument="kind"),
        field("place", "point"),
        field("area", "geometry"),
        field("owner", "ref", columns=["owner_a", "owner_b"]),
        field("half", "decimal", derived='"row"."count" / 2.0'),
        field("double", "integer", derived='"row"."count" * 2'),
        field("later", "date", derived='"row"."day" + 1'),
        field("soon", "datetime", derived='"row"."seen" + interval \'1 hour\''),
        field("big", "boolean", derived='"row"."count" > 3'),
    ),
    rules=(
        Rule(roles=("reg.clerk",), purposes=("dibao",), verbs=("read", "write")),
        Rule(roles=("reg.officer",), verbs=("read",), masked=True),
        Rule(roles=("reg.counter",), verbs=("read",), fields=("code", "count")),
    ),
)  # fmt: skip
OWNER = "11290100MB00000011"
SYSTEM = System(id="reg", title=Label("店", "Shops"), version="1.0.0", owner=OWNER, entities=(SHOP,))
CLERK, OFFICER, COUNTER = person(1, "王敏", TOWN), person(2, "周航", TOWN), person(3, "陈晨", TOWN)
EVERYBODY = [CLERK, OFFICER, COUNTER, person(4, "赵静", TOWN)]
ROWS = """
INSERT INTO sys_reg.shop (
  _from, _to, _known, _by, code, name, wage, note, count, rate, open, day, seen, kinds, place, area, owner_a, owner_b)
VALUES
 ('2026-01-01', 'infinity', '2026-01-02 03:04:05.106280+00', 'a"b', 'A', '李小明', 1,
  E'line\\n"quoted" \\\\ \\t\\x01\\x7f </b> %% 走访', -7, 1.50, true, '2026-02-28', '2026-03-04 05:06:07+08',
  '{a,"b c"}', '(103.5,36)', '{"type": "Point", "coordinates": [1.5, 2]}', 'x', 'y|z'),
 ('2026-01-01', '2027-01-01', '2026-01-02 03:04:05+00', 'teller', 'B', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
  NULL, NULL, NULL, 'x', NULL),
 ('2026-01-01', 'infinity', '2026-01-02 03:04:05.000001+00', 'teller', 'C', '', 9223372036854775807, '',
  9007199254740993, 0, false, '0001-01-01', '1999-12-31 23:59:59.5+00', '{}', '(0,0)', '[]', '', '')
"""


@pytest.fixture(autouse=True)
def _system(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(calls, "signed_in_by", calling.signed_in_by)
    install(SYSTEM, [(CLERK.actor, "clerk"), (OFFICER.actor, "officer"), (COUNTER.actor, "counter")], APPLIED)
    with connection.cursor() as cursor:
        cursor.execute(ROWS, [])
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA sys_reg CASCADE")
        cursor.execute("DROP SCHEMA sys_reg_read CASCADE")


def plainly(record: object) -> object:
    """A record as it is answered; the names in its lists have no order."""
    found = json.loads(record) if isinstance(record, bytes) else record
    assert isinstance(found, dict)
    return {**found, "hidden": sorted(found["hidden"]), "masked": sorted(found["masked"])}


def listed(errand: Errand, **wanted: object) -> list[object]:
    reply = called(errand.actor, "POST", "/reg/shop/query", wanted)
    assert reply.status == 200, reply.body
    found = reply.json["records"]
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize("within", [False, True], ids=["one journey", "several steps"])
@pytest.mark.parametrize("errand", EVERYBODY, ids=["clerk", "officer", "counter", "nobody"])
def test_the_database_writes_what_the_encoder_would(errand: Errand, within: bool) -> None:
    assert shape_of(SYSTEM, SHOP).text is not None
    own = registry.records(errand, "reg", "shop", Wanted({}), NOW).records
    with transaction.atomic() if within else nullcontext():
        shown = listed(errand)
    assert [plainly(one) for one in shown] == [plainly(_encode(one)) for one in own]
    assert len(own) == (0 if errand is EVERYBODY[3] else 3)


def test_values_are_spelt_as_the_documents_say() -> None:
    first = listed(CLERK)[0]
    assert isinstance(first, dict)
    assert (first["known"], first["by"], first["until"]) == ("2026-01-02T03:04:05.106280Z", 'a"b', None)
    values = first["values"]
    assert (values["rate"], values["half"], values["double"]) == ("1.5000", "-3.5000000000000000", -14)
    assert (values["seen"], values["owner"], values["kinds"]) == (
        "2026-03-03T21:06:07+00:00",
        "x|y|z",
        ["a", "b c"],
    )
    assert values["note"] == 'line\n"quoted" \\ \t\x01\x7f </b> % 走访'


def test_masked_and_hidden_fields_are_told_and_their_values_are_not() -> None:
    first = listed(OFFICER)[0]
    assert isinstance(first, dict)
    assert (first["values"]["name"], first["values"]["wage"]) == ("李**", "****")
    assert sorted(first["masked"]) == ["name", "wage"]
    bare = listed(COUNTER)[0]
    assert isinstance(bare, dict)
    assert "owner" in bare["hidden"]
    assert {name for name, value in bare["values"].items() if value is not None} == {
        "code", "count", "half", "double", "big"
    }  # fmt: skip


def test_pages_go_on_and_a_record_is_found_by_its_key() -> None:
    one = called(CLERK.actor, "GET", "/reg/shop?_size=1&_sort=-_known").json
    assert (one["total"], one["at_least"]) == (3, False)
    two = called(
        CLERK.actor, "POST", "/reg/shop/query", {"size": 2, "sort": "-_known", "mark": one["next"]}
    ).json
    assert [[r["values"]["code"] for r in page["records"]] for page in (one, two)] == [["A"], ["C", "B"]]  # type: ignore[attr-defined]
    assert two["next"] is None
    kept = called(CLERK.actor, "GET", "/reg/shop?_size=2").json
    rest = called(CLERK.actor, "GET", f"/reg/shop?_size=2&_count=0&_mark={kept['next']}").json
    assert set(rest) == {"records", "next"}
    assert rest["records"] == [called(CLERK.actor, "GET", "/reg/shop/key/C").json]
    assert called(CLERK.actor, "GET", "/reg/shop/key/D").code == "registry-record-unknown"
    assert called(COUNTER.actor, "GET", "/reg/shop?name=李小明").json["records"] == []


def test_a_page_for_another_agency_is_written_down() -> None:
    models.System.objects.update(owner="11290100MB00000099", package={
        **models.System.objects.get(pk="reg").package, "owner": "11290100MB00000099"})  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("UPDATE registry_system SET applied_at = applied_at + interval '1 day'")
    numbers = sorted(int(one["id"]) for one in listed(CLERK))  # type: ignore[index]
    note = models.Read.objects.get()
    assert (sorted(note.records), note.way, note.agency) == (numbers, "api", OWNER)
