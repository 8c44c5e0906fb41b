"""Figures over the journal: each call once, whatever order logs grow in and wherever a run is cut off."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.store.registry.asking import BEGIN, OTHER, RESOURCES, Cells, Journal, declared, figures, naive
from tests.store.registry.counting import stored
from yiwang.blocks.journal.store import models as journal
from yiwang.blocks.registry.actions import calls as counting
from yiwang.blocks.registry.actions.figures import count_figures, declare_figures
from yiwang.blocks.registry.actions.listing import Listed, list_entity, unlist_entity
from yiwang.blocks.registry.store import models

pytestmark = pytest.mark.django_db
AGENCIES = ("11290100MB0000002B", "11290100MB0000003C", None)
ANSWER = st.fixed_dictionaries(
    {"kind": st.sampled_from(["query", "verify"])},
    optional={
        "resource": st.sampled_from([*RESOURCES, OTHER]), "consumer": st.sampled_from(AGENCIES),
        "rows": st.integers(0, 3), "took_us": st.sampled_from([900, 2000, 2100, 45_000, 99_000]),
        "purpose": st.sampled_from(["law:1;case=A", "law:1;case=B", "item:7", None]),
    },
)  # fmt: skip
REFUSAL = st.fixed_dictionaries(
    {"kind": st.just("refusal"), "status": st.sampled_from([403, 429, 503]), "code": st.sampled_from(["quota", "down"])},
    optional={"resource": st.sampled_from([*RESOURCES, None]), "consumer": st.sampled_from(AGENCIES)},
)  # fmt: skip
TABLE = st.builds(
    lambda rows: {
        "kind": "event",
        "event": "table-delivered",
        "status": 0,
        "rows": None,
        "detail": {"rows": rows},
    },
    st.integers(0, 9),
)
ACT = st.just({"kind": "event", "event": "grant-issued", "status": 0, "rows": None})
CALLS = st.lists(ANSWER | REFUSAL | TABLE | ACT, min_size=1, max_size=7)
STEP = st.tuples(
    st.sampled_from(["gw1", "gw2", "office"]), st.integers(0, 20 * 24 * 60), CALLS,
    st.sampled_from(["", "count", "killed"]), st.integers(1, 6),
)  # fmt: skip


class Killed(BaseException):
    """As SIGKILL would, nothing after it runs."""


def count_and_be_killed(saves: int) -> None:
    """A run that ends at its nth save of a figure, with the sums of that step written and its place not."""
    left = [saves]
    whole = models.Figure.save

    def saving(self: models.Figure, *args: object, **more: object) -> None:
        left[0] -= 1
        if not left[0]:
            raise Killed
        whole(self, *args, **more)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(models.Figure, "save", saving)
        with suppress(Killed):
            count_figures(BEGIN, "asked")


def counted() -> Cells:
    """What is stored, without the formula, whose operands have numbers of their own here."""
    return {key: one for key, one in stored().items() if key[0] != "less"}


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.generate],
)
@given(steps=st.lists(STEP, min_size=1, max_size=8), leaves=st.integers(1, 9), late=st.integers(0, 8))
def test_increments_equal_a_rebuild_and_a_naive_count(
    db: None, steps: list[tuple[str, int, list[Mapping[str, object]], str, int]], leaves: int, late: int
) -> None:
    with transaction.atomic(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(counting, "LEAVES", leaves)
        declared(without="given")
        log = Journal()
        for number, (name, minutes, calls, then, saves) in enumerate(steps):
            if number == late:
                declare_figures("asked", figures())  # a figure more, which has all to catch up with
            log.write(name, BEGIN + timedelta(minutes=minutes), calls)
            if then == "count":
                assert not [one.problem for one in count_figures(BEGIN, "asked") if one.problem]
            elif then:
                count_and_be_killed(saves)
        declare_figures("asked", figures())
        count_figures(BEGIN, "asked")
        increments = stored()
        assert counted() == naive()
        count_figures(BEGIN, "asked", rebuild=True)
        assert increments == stored()
        transaction.set_rollback(True)


def test_a_log_that_appears_late_counts_in_the_periods_of_its_calls() -> None:
    declared()
    log = Journal()
    log.write("gw1", BEGIN + timedelta(days=3), [{}])
    count_figures(BEGIN, "asked")
    log.write("gw2", BEGIN, [{}, {}])
    count_figures(BEGIN, "asked")
    totals = {
        key[1].date().isoformat(): one[0]
        for key, one in counted().items()
        if key[0] == "asked" and key[2] == "{}"
    }
    assert totals == {"2026-05-03": 2.0, "2026-05-06": 1.0}  # the days of China, as instants of UTC


def test_what_is_counted_is_not_read_again() -> None:
    declared()
    log = Journal()
    log.write("gw1", BEGIN, [{}, {}])
    count_figures(BEGIN, "asked")
    journal.Leaf.objects.filter(index=0).delete()  # nobody may; a run that read it again would count one
    assert {one.figure: one.periods for one in count_figures(BEGIN, "asked")}["asked"] == 0
    assert counted()["asked", BEGIN.replace(hour=16, minute=0) - timedelta(days=1), "{}"] == (2.0, 2)


def test_only_calls_of_the_systems_own_resources_count_and_a_call_of_none_counts_nowhere() -> None:
    declared()
    Journal().write(
        "gw1",
        BEGIN,
        [{"resource": OTHER}, {"resource": f"{next(iter(RESOURCES))}@qingdao"}, {"resource": None}],
    )
    count_figures(BEGIN, "asked")
    assert counted() == {}


def test_a_table_that_is_no_longer_in_the_catalogue_is_taken_out_of_every_number() -> None:
    declared()
    Journal().write("gw1", BEGIN, [{}, {"resource": "306001003/2"}])
    count_figures(BEGIN, "asked")
    total = ("refused", BEGIN.replace(day=1, hour=16, minute=0) - timedelta(days=1), "{}")
    assert counted()[total][1] == 2
    unlist_entity("asked", "batch")
    count_figures(BEGIN, "asked")
    assert counted()[total][1] == 1
    list_entity("asked", "batch", Listed("306001003/2", "", ""))
    count_figures(BEGIN, "asked")
    assert counted()[total][1] == 2


def test_a_leaf_that_was_spoilt_stops_the_count_and_is_told_and_the_numbers_stay() -> None:
    declared()
    log = Journal()
    log.write("gw1", BEGIN, [{}])
    count_figures(BEGIN, "asked")
    before = counted()
    log.write("gw1", BEGIN, [{}])
    journal.Leaf.objects.filter(index=1).update(leaf="{")
    assert all(one.problem for one in count_figures(BEGIN, "asked") if one.figure != "less")
    assert counted() == before
    assert models.Figure.objects.get(name="asked").problem


def test_numbers_that_are_still_catching_up_are_not_yet_counted() -> None:
    declared()
    log = Journal()
    log.write("gw1", BEGIN, [{}, {}, {}])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counting, "LEAVES", 1)
        count_and_be_killed(2 + 2 * len(figures()))
    assert counted()
    assert models.Figure.objects.get(name="asked").counted_at is None
    count_figures(BEGIN, "asked")
    assert models.Figure.objects.get(name="asked").counted_at == BEGIN
    assert counted() == naive()


def test_a_journal_that_is_long_is_counted_over_several_runs_and_formulas_wait_for_it() -> None:
    declared()
    log = Journal()
    log.write("gw1", BEGIN, [{}, {"kind": "refusal", "status": 403, "code": "quota"}, {}])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counting, "LEAVES", 1)
        for reached in (1, 2):
            count_figures(BEGIN, "asked", within=0)
            assert models.Figure.objects.get(name="refused").cursor == {"gw1": reached}
            assert models.Figure.objects.get(name="refused").counted_at is None
            assert not [key for key in stored() if key[0] == "less"]  # not of half of the calls
        count_figures(BEGIN, "asked", within=0)
        count_figures(BEGIN, "asked", within=0)
    assert counted() == naive()
    assert models.Figure.objects.get(name="refused").counted_at == BEGIN
    assert [value for key, (value, _) in stored().items() if key[0] == "less" and key[2] == "{}"] == [
        pytest.approx(200 / 3)
    ]


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_count_each_call_once() -> None:
    declared()
    log = Journal()
    for name in ("gw1", "gw2"):
        log.write(name, BEGIN, [{"rows": n % 3} for n in range(40)])
    together = Barrier(2)
    failed: list[str] = []

    def run() -> None:
        try:
            together.wait(20)
            failed.extend(one.problem for one in count_figures(BEGIN, "asked") if one.problem)
        finally:
            connection.close()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counting, "LEAVES", 3)
        runs = [Thread(target=run) for _ in range(2)]
        for one in runs:
            one.start()
        for one in runs:
            one.join(60)
    assert failed == []
    assert counted() == naive()
