"""Figures: counted as a naive count does, increments equal to a rebuild, the last numbers kept when a run fails."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.store.registry.counting import Told, applied, figures, naive, stored, tell
from yiwang.blocks.registry.actions.figures import count_figures, declare_figures
from yiwang.blocks.registry.store import models

pytestmark = pytest.mark.django_db
BEGIN = datetime(2026, 5, 4, 1, 30, tzinfo=UTC)
DAYS = st.dates(date(2026, 2, 20), date(2026, 8, 10))
VALUES = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.sampled_from(["a", "b", None]),
        "day": st.none() | DAYS.map(date.isoformat),
        "size": st.none() | st.integers(0, 4),
        "ok": st.sampled_from([True, False, None]),
    },
)
Cells = dict[tuple[str, datetime, str], tuple[float | None, int]]
SAYING = st.tuples(
    st.sampled_from(["none", "versions", "bitemporal"]), st.integers(1, 4), st.none() | VALUES, DAYS,
    st.none() | st.integers(1, 90), st.integers(1, 40 * 24 * 60), st.booleans(),
)  # fmt: skip


def rounded(cells: Cells) -> Cells:
    return {key: (None if one is None else round(one, 6), rows) for key, (one, rows) in cells.items()}


@pytest.fixture
def system() -> None:
    applied()


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.generate],  # a shrunk example would take minutes in the database
)
@given(sayings=st.lists(SAYING, min_size=1, max_size=12))
def test_increments_equal_a_rebuild_and_a_naive_count(
    system: None, sayings: list[tuple[str, int, dict[str, object] | None, date, int | None, int, bool]]
) -> None:
    with transaction.atomic():
        known: dict[tuple[str, int], int] = {}
        now = BEGIN
        for history, n, values, since, days, minutes, count in sayings:
            now = min(now + timedelta(minutes=minutes), datetime(2026, 11, 20, tzinfo=UTC))
            until = since + timedelta(days=days) if days is not None and history == "bitemporal" else None
            tell(history, Told(n, values, since, until, now), known)
            if count:
                assert not [one.problem for one in count_figures(now, "tally") if one.problem]
        now += timedelta(hours=3)
        count_figures(now, "tally")
        increments = stored()
        count_figures(now, "tally", rebuild=True)
        assert increments == stored()
        assert rounded({key: one for key, one in increments.items() if key[0] != "both"}) == rounded(
            naive(now)
        )
        transaction.set_rollback(True)


def counted(figure: str) -> dict[str, float | None]:
    return {key: value for (name, _, key), (value, _) in stored().items() if name == figure}


@pytest.fixture
def one_row(system: None) -> dict[tuple[str, int], int]:
    known: dict[tuple[str, int], int] = {}
    tell(
        "versions",
        Told(1, {"kind": "b", "day": "2026-05-04", "size": 3, "ok": True}, DAY, None, BEGIN),
        known,
    )
    count_figures(BEGIN, "tally")
    return known


DAY = date(2026, 5, 4)


def test_what_did_not_change_is_not_counted_again(one_row: object) -> None:
    count_figures(BEGIN + timedelta(hours=2), "tally")  # so long after, a late commit is looked for
    later = BEGIN + timedelta(days=3)
    periods = {one.figure: one.periods for one in count_figures(later, "tally")}
    assert periods["versions_many"] == 0  # nothing is known anew
    assert periods["versions_there"] == 1  # of what is there, the period at hand is always counted
    assert counted("versions_many") == {"{}": 1.0, '{"kind": "b"}': 1.0}


@pytest.mark.parametrize("history", ["versions", "bitemporal"])
def test_what_was_known_beforehand_counts_when_its_day_has_come(system: None, history: str) -> None:
    tell(history, Told(1, {"kind": "b", "day": "2026-05-20", "size": 3, "ok": True}, DAY, None, BEGIN), {})
    count_figures(BEGIN, "tally")
    assert counted(f"{history}_share") == {}
    count_figures(BEGIN + timedelta(days=40), "tally")
    assert counted(f"{history}_share")["{}"] == 100.0


def test_a_belief_that_was_committed_late_is_counted_all_the_same(
    one_row: dict[tuple[str, int], int],
) -> None:
    count_figures(BEGIN + timedelta(minutes=30), "tally")
    # said before the last run, visible only now
    late = BEGIN + timedelta(minutes=10)
    tell("versions", Told(2, {"kind": "a", "day": "2026-04-01", "size": 9}, DAY, None, late), one_row)
    count_figures(BEGIN + timedelta(minutes=40), "tally")
    assert sum(value or 0 for value in counted("versions_many").values()) == 3.0


def test_a_run_that_fails_or_is_killed_leaves_the_last_numbers(one_row: dict[tuple[str, int], int]) -> None:
    before = counted("versions_many")
    tell("versions", Told(3, {"kind": "b", "day": "2026-05-02", "size": 5}, DAY, None, BEGIN), one_row)
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER FUNCTION sys_tally.figure__versions_many(timestamptz, timestamptz, timestamptz) RENAME TO gone"
        )
    done = {one.figure: one for one in count_figures(BEGIN + timedelta(hours=1), "tally")}
    assert "figure__versions_many" in done["versions_many"].problem
    assert not done["versions_share"].problem  # the others are counted
    assert counted("versions_many") == before
    assert models.Figure.objects.get(name="versions_many").problem
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER FUNCTION sys_tally.gone(timestamptz, timestamptz, timestamptz) RENAME TO figure__versions_many"
        )
    count_figures(BEGIN + timedelta(hours=2), "tally")
    assert counted("versions_many") == {"{}": 2.0, '{"kind": "b"}': 2.0}
    assert not models.Figure.objects.get(name="versions_many").problem


def test_a_killed_process_leaves_no_half_of_a_figure(
    one_row: dict[tuple[str, int], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = stored()
    tell("versions", Told(4, {"kind": "b", "day": "2026-05-02", "size": 5}, DAY, None, BEGIN), one_row)

    class Killed(BaseException):
        """As SIGKILL would, nothing after it runs."""

    def saving(self: models.Figure, *args: object, **more: object) -> None:
        raise Killed

    monkeypatch.setattr(models.Figure, "save", saving)
    with pytest.raises(Killed):
        count_figures(BEGIN + timedelta(hours=1), "tally")
    assert stored() == before


def test_a_figure_declared_otherwise_loses_its_numbers_and_others_keep_theirs(one_row: object) -> None:
    from msgspec.structs import replace

    changed = [replace(one, target=5.0) if one.id == "versions_many" else one for one in figures()]
    declare_figures("tally", [one for one in changed if one.id != "versions_share"])
    assert counted("versions_many") == {}
    assert counted("versions_share") == {}
    assert counted("versions_there")
    assert models.Figure.objects.get(name="versions_many").known_until is None
