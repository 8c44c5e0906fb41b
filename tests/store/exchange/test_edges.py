"""Old clients on the real database: who may let them in, what is checked, what is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest
from django.db import connection

from tests.store.exchange.cast import (
    AUDITOR,
    CONSUMER,
    HE_QING,
    NOW,
    OPERATOR,
    WANG_MIN,
    ZHAO_JING,
    ZHOU_HANG,
    granted,
    mounted,
)
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.domain.edge import CompiledEdge
from yiwang.blocks.exchange.domain.errors import NotAllowed, ReasonMissing
from yiwang.blocks.exchange.domain.integration_errors import EdgeEnded, EdgeRequesterTaken, EdgeUnknown
from yiwang.blocks.exchange.domain.sealing import open_password
from yiwang.blocks.exchange.public import EdgeForm, EdgeServiceForm, FormInvalid, SourceForm
from yiwang.blocks.exchange.store.integration_models import CompiledEdgeRow, Edge, Sandbox
from yiwang.blocks.exchange.store.models import Grant
from yiwang.blocks.identity import public as identity
from yiwang.blocks.identity.public import Actor, acting
from yiwang.blocks.identity.store.models import User
from yiwang.blocks.organisation.store.models import Agency, Person, Region
from yiwang.vocabulary.crypto import key_provider, load_private

pytestmark = pytest.mark.django_db


@pytest.fixture
def agency() -> None:
    """The consumer as an agency, which the client application belongs to, and the operator's account."""
    region = Region.objects.create(code="290100", name_zh="澜州市", name_en="Lanzhou", level=2)
    made = Agency.objects.create(
        uscc=CONSUMER, slug="lan-minzheng", name_zh="澜州市民政局", name_en="Civil Affairs", short_zh="市民政局",
        short_en="Civil Affairs", region=region, line="civil-affairs",
    )  # fmt: skip
    person = Person.objects.create(name=OPERATOR.name, agency=made)
    User.objects.create(
        id=OPERATOR.user_id, username="user6", person=person, password_changed_at=NOW, created_at=NOW
    )


@pytest.fixture
def grant(source: SourceForm, agency: None) -> str:
    return granted(mounted(source))


def form(grant: str, **changes: object) -> EdgeForm:
    made = EdgeForm(
        "gjgxjhpt", "f9e001b4@2399", "10.1.2.3", NOW + timedelta(days=90), (EdgeServiceForm("s_1", grant, parameters="xydm=信用代码"),)
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def events() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT entry::jsonb ->> 'event' FROM journal_outbox ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def test_one_is_let_in_with_a_secret_that_is_shown_once_and_kept_sealed(grant: str) -> None:
    let_in = exchange.open_edge(OPERATOR, form(grant), NOW)
    assert len(let_in.secret) >= 32
    row = Edge.objects.get(pk=let_in.id)
    assert let_in.secret not in row.sealed_secret
    assert open_password(key_provider(), let_in.id, row.sealed_secret) == let_in.secret
    compiled = msgspec.json.decode(CompiledEdgeRow.objects.get(pk=let_in.id).doc, type=CompiledEdge)
    assert compiled.services[0].fields == {"xydm": "信用代码"}
    assert compiled.services[0].purpose == "item:1001", "the grant's only purpose"
    assert not hasattr(exchange.edge(OPERATOR, let_in.id, NOW), "secret")
    assert "edge-opened" in events()


def test_its_client_belongs_to_the_agency_and_its_key_ends_with_the_last_day(grant: str) -> None:
    let_in = exchange.open_edge(OPERATOR, form(grant), NOW)
    row = Edge.objects.get(pk=let_in.id)
    assert row.client.startswith(identity.WEAK_PREFIX)
    key = load_private(open_password(key_provider(), f"{let_in.id}/key", row.sealed_key).encode())
    facts = identity.client(OPERATOR, row.client, NOW)
    assert (facts.agency, facts.kind) == (CONSUMER, "edge")
    assert [(one.kid, one.not_after) for one in facts.keys] == [(key.kid, NOW + timedelta(days=90))]


def test_nobody_handles_its_key_but_the_node(grant: str) -> None:
    exchange.open_edge(OPERATOR, form(grant), NOW)
    name = Edge.objects.get().client
    with pytest.raises(identity.ConsoleClient):
        identity.generate_key(ZHOU_HANG, name, now=NOW)
    assert identity.clients_of_agency(CONSUMER) == []


@pytest.mark.parametrize("who", [ZHOU_HANG, WANG_MIN, ZHAO_JING, HE_QING, AUDITOR])
def test_only_the_operator_lets_in_changes_and_ends(who: Actor, grant: str) -> None:
    let_in = exchange.open_edge(OPERATOR, form(grant), NOW)
    for act in (
        lambda: exchange.open_edge(who, form(grant, requester="another"), NOW),
        lambda: exchange.change_edge(who, let_in.id, form(grant), NOW),
        lambda: exchange.end_edge(who, let_in.id, "x", NOW),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_its_own_agency_and_the_auditor_see_it_and_nobody_else(grant: str) -> None:
    let_in = exchange.open_edge(OPERATOR, form(grant), NOW)
    for who in (OPERATOR, AUDITOR, ZHOU_HANG):
        assert exchange.edge(who, let_in.id, NOW).standing == "active"
    for who in (WANG_MIN, ZHAO_JING, HE_QING):
        with pytest.raises(EdgeUnknown):
            exchange.edge(who, let_in.id, NOW)
        assert exchange.edges(who, NOW) == ()
    assert [one.id for one in exchange.edges_of_grant(ZHOU_HANG, grant, NOW)] == [let_in.id]
    assert exchange.edges_of_grant(ZHOU_HANG, grant, NOW + timedelta(days=91)) == ()


def test_what_does_not_fit_the_grant_is_named_by_line(grant: str) -> None:
    for service, where in (
        (EdgeServiceForm("s", "G-2020-000001"), "services.0.grant"),
        (EdgeServiceForm("s", grant, purpose="item:9"), "services.0.purpose"),
        (EdgeServiceForm("s", grant, parameters="mc=名称"), "services.0.parameters"),
    ):
        with pytest.raises(FormInvalid) as caught:
            exchange.open_edge(OPERATOR, form(grant, services=(service,)), NOW)
        assert [problem.where for problem in caught.value.problems] == [where]
    assert not Edge.objects.exists()


def test_an_id_is_let_in_once_and_again_after_it_has_ended(grant: str) -> None:
    first = exchange.open_edge(OPERATOR, form(grant), NOW)
    with pytest.raises(EdgeRequesterTaken):
        exchange.open_edge(OPERATOR, form(grant), NOW)
    with pytest.raises(ReasonMissing):
        exchange.end_edge(OPERATOR, first.id, " ", NOW)
    exchange.end_edge(OPERATOR, first.id, "已改为签名调用", NOW)
    assert CompiledEdgeRow.objects.get(pk=first.id).state == "ended"
    facts = identity.client(OPERATOR, Edge.objects.get(pk=first.id).client, NOW)
    assert [key.standing for key in facts.keys] == ["revoked"]
    with pytest.raises(EdgeEnded):
        exchange.change_edge(OPERATOR, first.id, form(grant), NOW)
    second = exchange.open_edge(OPERATOR, form(grant), NOW)
    assert list(CompiledEdgeRow.objects.values_list("id", "state")) == [(second.id, "active")]


def test_addresses_and_last_day_change_but_not_the_secret(grant: str) -> None:
    let_in = exchange.open_edge(OPERATOR, form(grant, secret="an-old-secret-to-keep"), NOW)
    assert let_in.secret == "an-old-secret-to-keep"
    before = Edge.objects.get().sealed_secret
    exchange.change_edge(
        OPERATOR, let_in.id, form(grant, addresses="10.9.9.0/28", sunset=NOW + timedelta(days=5)), NOW
    )
    row = Edge.objects.get()
    assert (row.addresses, row.sealed_secret) == (["10.9.9.0/28"], before)
    facts = identity.client(OPERATOR, row.client, NOW)
    assert facts.keys[0].not_after == NOW + timedelta(days=5)
    assert events()[-1] == "edge-changed"


def test_the_database_hides_the_rows_from_others_too(grant: str) -> None:
    exchange.open_edge(OPERATOR, form(grant), NOW)
    exchange.open_sandbox(ZHOU_HANG, Grant.objects.get(pk=grant).resource, NOW)
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE edge_test_app")
        cursor.execute("GRANT SELECT ON exchange_edge, exchange_sandbox TO edge_test_app")
        cursor.execute("SET LOCAL ROLE edge_test_app")
    seen = {}
    for who in (ZHAO_JING, WANG_MIN, ZHOU_HANG):
        with acting(who):
            seen[who.name] = (Edge.objects.count(), Sandbox.objects.count())
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
    assert seen == {"赵静": (0, 0), "王敏": (0, 0), "周航": (1, 1)}


def test_passwords_and_secrets_open_after_their_key_was_replaced_and_the_gateways_know(grant: str) -> None:
    from yiwang.blocks.exchange.domain.compiled import CompiledResource
    from yiwang.blocks.exchange.domain.sealing import password_generation
    from yiwang.blocks.exchange.store.models import CompiledResourceRow
    from yiwang.blocks.sealing import public as sealing

    let_in = exchange.open_edge(OPERATOR, form(grant), NOW)
    before = sealing.present("sources")
    assert exchange.sealed_passwords() == {before: 3}, "a source, and secret and key of the old client"
    sealing.begin_generation("sources", "operator", NOW)
    assert sealing.close_older("sources", NOW) == before + 1
    assert (exchange.reseal_passwords(), exchange.reseal_passwords()) == (3, 0)
    assert exchange.sealed_passwords() == {before + 1: 3}
    edge = msgspec.json.decode(CompiledEdgeRow.objects.get(pk=let_in.id).doc, type=CompiledEdge)
    assert password_generation(edge.secret) == before + 1
    assert open_password(key_provider(), let_in.id, edge.secret) == let_in.secret
    assert load_private(open_password(key_provider(), f"{let_in.id}/key", edge.key).encode())
    source = msgspec.json.decode(CompiledResourceRow.objects.get().doc, type=CompiledResource).source
    assert password_generation(source.sealed_password) == before + 1
    assert open_password(key_provider(), source.id, source.sealed_password) == "reads%20only"
