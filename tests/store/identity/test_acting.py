"""The transaction in which an actor works tells the database who it is."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection

from tests.store.identity.cast import MARKET
from yiwang.blocks.identity.public import Actor, acting, node_actor
from yiwang.blocks.organisation import public as organisation

ONE = Actor(7, "one", "甲", MARKET, "", "290100", frozenset({"data_officer", "approver"}))
TWO = Actor(8, "two", "乙", "11290100MB00000028", "", "290200", frozenset())


def told() -> tuple[str, ...]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(current_setting('yw.agency', true), ''), coalesce(current_setting('yw.region', true), ''),"
            " coalesce(current_setting('yw.user', true), ''), coalesce(current_setting('yw.roles', true), '')"
        )
        return tuple(cursor.fetchone())


@pytest.mark.django_db(transaction=True)
def test_the_context_lasts_as_long_as_the_transaction() -> None:
    with acting(ONE):
        assert told() == (MARKET, "290100", "7", "approver,data_officer")
    assert told() == ("", "", "", "")


@pytest.mark.django_db(transaction=True)
def test_within_another_actor_the_outer_one_comes_back() -> None:
    with acting(ONE):
        with acting(TWO):
            assert told()[2:] == ("8", "")
        assert told()[2] == "7"


@pytest.mark.django_db(transaction=True)
def test_a_failure_inside_brings_the_outer_actor_back_too() -> None:
    with acting(ONE):
        with pytest.raises(IntegrityError), acting(TWO):
            raise IntegrityError
        assert told()[2] == "7"


@pytest.mark.django_db(transaction=True)
def test_what_an_actor_wrote_is_undone_as_a_whole() -> None:
    hand = node_actor("290000")

    def half() -> None:
        with acting(ONE):
            organisation.register_region(hand, code="290000", name_zh="云泽省", name_en="Yunze")
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        half()
    assert organisation.regions() == []
    assert told() == ("", "", "", "")
