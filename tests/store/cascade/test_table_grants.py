"""What a node's own jobs know of grants of other nodes, and the key that signs for them: deny by default."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import connection

from tests.store.cascade.network import Network, now
from tests.store.cascade.test_sharing import agency
from tests.store.exchange.cast import (
    CONSUMER,
    HE_QING,
    PROVIDER,
    WANG_MIN,
    ZHAO_JING,
    ZHOU_HANG,
    draft,
    mount_form,
    wish,
)
from yiwang.blocks.cascade import public as cascade
from yiwang.blocks.catalogue.public import create_resource, publish_resource
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.public import Delivery, SourceForm
from yiwang.blocks.identity import public as identity
from yiwang.bootstrap.beyond_tables import OtherNodes


def granted(nodes: Network, source: SourceForm) -> tuple[str, str]:
    """The nation's resource as a whole table, granted to the city's agency; its code and the grant's number."""
    with nodes.at("nation"):
        agency(PROVIDER, "国家市场监管总局")
        code = create_resource(WANG_MIN, draft(), now())
        publish_resource(WANG_MIN, code, now())
        form = mount_form(code, exchange.add_source(WANG_MIN, source, now()))
        exchange.mount_resource(WANG_MIN, replace(form, modes=("query", "table")), now())
    with nodes.at("lanzhou"):
        agency(CONSUMER, "兰州市民政局")
    nodes.join("nation", "gansu")
    nodes.join("gansu", "lanzhou")
    nodes.settle()
    asked = replace(wish(), modes=("table",), lookups=(), delivery=Delivery(("full", "incremental"), "daily"))
    with nodes.at("lanzhou"):
        cascade.ask(ZHOU_HANG, "nation", code, asked, now())
    nodes.settle()
    with nodes.at("nation"):
        (row,) = exchange.review_queue(HE_QING, now()).rows
        exchange.accept_request(HE_QING, row.id, now())
        grant = exchange.approve_request(WANG_MIN, row.id, exchange.Approval(text="同意"), now())
    nodes.settle()
    return code, grant


def test_a_grant_of_a_whole_table_is_known_as_its_owner_gave_it_and_as_it_stands(
    nodes: Network, source: SourceForm
) -> None:
    code, number = granted(nodes, source)
    with nodes.at("lanzhou"):
        held = OtherNodes().grant("nation", number)
        assert held is not None
        assert (held.name, held.address) == (f"{number}@nation", f"{code}@nation")
        assert (held.state, held.consumer, held.provider) == ("active", CONSUMER, PROVIDER)
        assert (held.modes, held.ways, held.frequency) == (("table",), ("full", "incremental"), "daily")
        assert set(held.masks) <= set(held.fields) != set()
        (listed,) = cascade.holdings(ZHOU_HANG, mode="table")
        assert (listed.number, listed.owner) == (number, "nation")
        assert cascade.holdings(ZHAO_JING, mode="table") == cascade.holdings(ZHOU_HANG, mode="file") == ()
        assert cascade.holding(ZHAO_JING, "nation", number) is None
        for owner, other in (("gansu", number), ("nation", "G-0"), ("lanzhou", number)):
            assert OtherNodes().grant(owner, other) is None
    with nodes.at("nation"):
        exchange.revoke_grant(WANG_MIN, number, "用途已经结束", now())
    nodes.settle()
    with nodes.at("lanzhou"):
        held = OtherNodes().grant("nation", number)
        assert held is not None
        assert held.state == "revoked"
        assert cascade.holdings(ZHOU_HANG, mode="table") == ()


def test_the_key_of_the_jobs_is_one_an_agency_kept_sealed_and_stopped_by_its_officer(nodes: Network) -> None:
    with nodes.at("lanzhou"):
        agency(CONSUMER, "兰州市民政局")
        OtherNodes().prepare(CONSUMER, now())
        client, key = identity.jobs_key(CONSUMER, now=now())
        again, same = identity.jobs_key(CONSUMER, now=now())
        assert (again, same.kid) == (client, key.kid)
        console, other = identity.console_key(CONSUMER, now=now())
        assert console != client
        assert other.kid != key.kid
        with connection.cursor() as cursor:
            cursor.execute("SELECT kind, state FROM identity_client_application WHERE id = %s", [client])
            assert cursor.fetchone() == ("jobs", "active")
            cursor.execute("SELECT sealed_private FROM identity_client_key WHERE kid = %s", [key.kid])
            (sealed,) = cursor.fetchone()
        assert key.to_pem(None) not in bytes(sealed)
        assert b"PRIVATE" not in bytes(sealed)
        with pytest.raises(identity.ConsoleClient):
            identity.add_key(ZHOU_HANG, client, key.public.spki_der, now=now())
        with connection.cursor() as cursor:  # as its officer does on a page
            cursor.execute(
                "UPDATE identity_client_application SET state = 'suspended' WHERE id = %s", [client]
            )
        with pytest.raises(identity.ClientNotActive):
            identity.jobs_key(CONSUMER, now=now())
