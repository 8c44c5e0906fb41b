"""External databases: found, refused, slow, odd; and what mounting does with them."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from tests.store.exchange.cast import (
    CLERK,
    HE_QING,
    NOW,
    OPERATOR,
    WANG_MIN,
    ZHAO_JING,
    mount_form,
    published,
)
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.domain import errors
from yiwang.blocks.exchange.public import SourceForm
from yiwang.blocks.exchange.store.models import CompiledResourceRow, Source
from yiwang.dataplane.connectors import errors as connector

pytestmark = pytest.mark.django_db


@pytest.fixture
def source_id(source: SourceForm) -> str:
    return exchange.add_source(WANG_MIN, source, NOW)


def test_a_source_is_registered_with_its_password_sealed(source_id: str) -> None:
    row = Source.objects.get(pk=source_id)
    assert "reads" not in row.sealed_password
    view = exchange.source(WANG_MIN, source_id)
    assert (view.ok, view.problem, view.warnings, view.encoding) == (True, "", (), "UTF8")
    assert not hasattr(view, "password")


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"password": "wrong"}, connector.LoginRefused),
        ({"user": "nobody_here"}, connector.LoginRefused),
        ({"database": "不存在"}, connector.DatabaseMissing),
        ({"host": "10.255.255.1"}, connector.HostNotAllowed),
        ({"host": "/tmp"}, connector.HostNotAllowed),
        ({"user": "a\0b"}, connector.LoginRefused),
    ],
)
def test_a_source_that_cannot_be_used_is_refused_with_its_reason(
    source: SourceForm, change: dict[str, str], error: type[connector.ConnectorError]
) -> None:
    with pytest.raises(error) as caught:
        exchange.add_source(WANG_MIN, replace(source, **change), NOW)  # type: ignore[arg-type]
    assert "reads%20only" not in str(caught.value) + str(caught.value.facts)
    assert not Source.objects.exists()


def test_nothing_listens_there(source: SourceForm) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(connector.DatabaseUnreachable):
        exchange.add_source(WANG_MIN, replace(source, port=port), NOW)


@pytest.fixture
def silent() -> Iterator[int]:
    """A port that accepts connections and says nothing."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield server.getsockname()[1]


def test_a_server_that_never_answers_is_slow_and_not_waited_for(source: SourceForm, silent: int) -> None:
    with pytest.raises(connector.DatabaseSlow) as caught:
        exchange.add_source(WANG_MIN, replace(source, port=silent, connect_timeout_ms=1000), NOW)
    assert caught.value.facts["timeout_ms"] == 1000


class Freezing:
    """A way to the real server that stops carrying anything after so many answers."""

    def __init__(self, host: str, port: int, answers: int) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._left = answers
        self._far = (host, port)
        self._held: list[socket.socket] = []
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        near, _ = self._server.accept()
        far = socket.create_connection(self._far)
        self._held = [near, far]
        threading.Thread(target=self._carry, args=(near, far, False), daemon=True).start()
        self._carry(far, near, True)

    def _carry(self, source: socket.socket, target: socket.socket, counted: bool) -> None:
        while data := source.recv(65536):
            self._left -= counted
            if counted and self._left < 0:
                return
            target.sendall(data)

    def close(self) -> None:
        for one in (*self._held, self._server):
            one.close()


@pytest.mark.parametrize("answers", [4, 7])
def test_a_server_that_falls_silent_in_the_middle_is_cut_off(source: SourceForm, answers: int) -> None:
    with closing(Freezing(source.host, source.port, answers)) as way, pytest.raises(connector.DatabaseSlow):
        exchange.add_source(WANG_MIN, replace(source, port=way.port, timeout_ms=200), NOW)
    assert not Source.objects.exists()


def test_something_else_than_postgresql_is_told_so(source: SourceForm) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def answer() -> None:
            for _ in range(4):
                try:
                    peer, _address = server.accept()
                except OSError:
                    return
                with peer:
                    peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        threading.Thread(target=answer, daemon=True).start()
        with pytest.raises(connector.NoPostgreSQL):
            exchange.add_source(WANG_MIN, replace(source, port=server.getsockname()[1]), NOW)


def test_a_role_that_can_write_is_refused_until_it_is_accepted(source: SourceForm) -> None:
    writer = replace(source, user="ext_writer", password="writes")
    with pytest.raises(errors.WritableRole) as caught:
        exchange.add_source(WANG_MIN, writer, NOW)
    assert caught.value.facts["tables"] == ["public.select"]
    number = exchange.add_source(WANG_MIN, replace(writer, accept_writable=True), NOW)
    assert exchange.source(WANG_MIN, number).warnings == ("writable-role",)


def test_a_form_with_mistakes_names_each(source: SourceForm) -> None:
    with pytest.raises(errors.FormInvalid) as caught:
        exchange.add_source(WANG_MIN, replace(source, name=" ", port=0, timeout_ms=1, password=""), NOW)
    assert [p.where for p in caught.value.problems] == ["name", "password", "port", "timeout_ms"]


def test_only_data_officers_register_sources(source: SourceForm) -> None:
    for actor in (CLERK, HE_QING, OPERATOR):
        with pytest.raises(errors.NotAllowed):
            exchange.add_source(actor, source, NOW)


def test_names_are_once_an_agency(source: SourceForm, source_id: str) -> None:
    with pytest.raises(errors.SourceNameTaken):
        exchange.add_source(WANG_MIN, source, NOW)
    exchange.add_source(ZHAO_JING, source, NOW)


def test_a_kept_password_never_goes_to_another_host(source: SourceForm, source_id: str) -> None:
    exchange.edit_source(WANG_MIN, source_id, replace(source, password="", timeout_ms=500), NOW)
    assert exchange.source(WANG_MIN, source_id).timeout_ms == 500
    with pytest.raises(errors.FormInvalid) as caught:
        exchange.edit_source(WANG_MIN, source_id, replace(source, password="", port=1), NOW)
    assert [p.where for p in caught.value.problems] == ["password"]


def test_a_failed_check_is_remembered_and_told_in_both_languages(
    source: SourceForm, source_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YW_SOURCE_HOSTS", "")
    assert exchange.check_source(WANG_MIN, source_id, NOW) is False
    view = exchange.source(WANG_MIN, source_id)
    assert (view.ok, view.problem) == (False, "connector-host-not-allowed")
    assert "YW_SOURCE_HOSTS" in view.mend_zh
    assert "operator" in view.mend_en
    monkeypatch.setenv("YW_SOURCE_HOSTS", "127.0.0.1")
    assert exchange.check_source(OPERATOR, source_id, NOW) is True


def test_tables_are_described_whatever_they_are_called(source_id: str) -> None:
    found = {(r.schema, r.name): r for r in exchange.source_relations(WANG_MIN, source_id)}
    assert ("public", "hidden") not in found
    assert ("public", "parts_2026") not in found
    assert found["数据", "企业 基本信息"].comment == "企业登记基本信息"
    assert found["public", "v企业"].kind == "view"
    assert found["public", "parts"].kind == "partitioned_table"
    assert [r.has_key for r in (found["public", "select"], found["public", "residents"])] == [False, True]
    facts = exchange.source_relation(WANG_MIN, source_id, "数据", "企业 基本信息")
    assert facts.keys == (("统一社会信用代码",),)
    types = {column.name: (column.database_type, column.type, column.length) for column in facts.columns}
    assert types["统一社会信用代码"] == ("character(18)", "text", 18)
    assert types["注册资本"] == ("numeric(16,2)", "decimal", 0)
    assert types["tags"] == ("text[]", None, 0)
    assert exchange.source_relation(WANG_MIN, source_id, "public", "select").column('引号"名') is not None
    assert exchange.source_relation(WANG_MIN, source_id, "public", "residents").columns[0].database_type == (
        "character varying(18)"
    )


def test_a_table_out_of_sight_does_not_exist(source_id: str) -> None:
    with pytest.raises(connector.RelationMissing):
        exchange.source_relation(WANG_MIN, source_id, "public", "hidden")


def test_a_first_draft_comes_from_the_table_and_its_check_digits(source_id: str) -> None:
    found = exchange.propose_resource(WANG_MIN, source_id, "public", "residents", NOW)
    assert [(i.wire, i.subject, i.check, i.mask, i.grade) for i in found.items] == [
        ("id_no", "person", "resident_id", "id_number", "sensitive"), ("xm", None, None, None, "personal"),
    ]  # fmt: skip
    market = exchange.propose_resource(WANG_MIN, source_id, "数据", "企业 基本信息", NOW)
    assert market.title == "企业登记基本信息"
    assert next((i.wire, i.check) for i in market.items) == ("统一社会信用代码", "uscc")
    assert "tags" not in [item.wire for item in market.items]


def test_a_source_in_use_is_not_removed_and_an_unused_one_is(source_id: str) -> None:
    code = published()
    mount_id = exchange.mount_resource(WANG_MIN, mount_form(code, source_id), NOW)
    with pytest.raises(errors.SourceInUse):
        exchange.remove_source(WANG_MIN, source_id, NOW)
    exchange.unmount_resource(WANG_MIN, mount_id, "迁移", NOW)
    assert CompiledResourceRow.objects.get(pk=code).state == "withdrawn"
    exchange.remove_source(WANG_MIN, source_id, NOW)
    assert exchange.sources(WANG_MIN) == ()
    with pytest.raises(errors.SourceUnknown):
        exchange.source(WANG_MIN, source_id)


def test_an_outsider_sees_no_source_and_no_mount(source_id: str) -> None:
    code = published()
    mount_id = exchange.mount_resource(WANG_MIN, mount_form(code, source_id), NOW)
    for actor in (ZHAO_JING, HE_QING, CLERK):
        assert exchange.sources(actor) == ()
        assert exchange.mounts(actor) == ()
        for call in (
            lambda a=actor: exchange.source(a, source_id),
            lambda a=actor: exchange.source_relations(a, source_id),
            lambda a=actor: exchange.source_relation(a, source_id, "public", "select"),
            lambda a=actor: exchange.propose_resource(a, source_id, "public", "select", NOW),
            lambda a=actor: exchange.check_source(a, source_id, NOW),
            lambda a=actor: exchange.suspend_source(a, source_id, "x", NOW),
        ):
            with pytest.raises(errors.SourceUnknown):
                call()
        for attempt in (
            lambda a=actor: exchange.mount(a, mount_id),
            lambda a=actor: exchange.check_mount(a, mount_id, NOW),
            lambda a=actor: exchange.unmount_resource(a, mount_id, "x", NOW),
        ):
            with pytest.raises(errors.MountUnknown):
                attempt()
    with pytest.raises(errors.SourceUnknown):
        exchange.source_relations(OPERATOR, source_id)
