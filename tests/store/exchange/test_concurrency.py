"""Two people at once: one decision holds, the other is told, nothing is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

import pytest
from django.db import connection, connections

from tests.store.exchange.cast import NOW, WANG_MIN, deciding, granted, mounted
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.domain import errors
from yiwang.blocks.exchange.public import Approval, SourceForm
from yiwang.blocks.exchange.store.models import CompiledGrantRow, Grant, Step

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls: Callable[[], object]) -> list[object]:
    """Run the calls at the same moment; their results or errors."""
    results: list[object] = [None] * len(calls)
    gate = threading.Barrier(len(calls))

    def run(index: int, call: Callable[[], object]) -> None:
        gate.wait()
        try:
            results[index] = call()
        except errors.ExchangeError as error:
            results[index] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_approving_and_refusing_at_once_does_one_of_them(source: SourceForm) -> None:
    code = mounted(source)
    for _ in range(3):
        number = deciding(code)
        results = at_once(
            partial(exchange.approve_request, WANG_MIN, number, Approval(), NOW),
            partial(exchange.refuse_request, WANG_MIN, number, "理由", "依据", NOW),
        )
        told = [r for r in results if isinstance(r, errors.RequestStateWrong)]
        assert len(told) == 1
        state = exchange.request(WANG_MIN, number, NOW).state
        assert Grant.objects.filter(request_id=number).count() == (1 if state == "granted" else 0)
        assert Step.objects.filter(request_id=number, step__in=("granted", "refused")).count() == 1


def test_epochs_follow_the_order_of_commits(source: SourceForm) -> None:
    code = mounted(source)
    numbers = [deciding(code) for _ in range(4)]
    grants = at_once(
        *(partial(exchange.approve_request, WANG_MIN, number, Approval(), NOW) for number in numbers)
    )
    assert len(set(grants)) == 4
    epochs = CompiledGrantRow.objects.values_list("epoch", flat=True)
    assert len(set(epochs)) == 4


def test_revoking_twice_at_once_revokes_once(source: SourceForm) -> None:
    grant_id = granted(mounted(source))
    results = at_once(*[lambda: exchange.revoke_grant(WANG_MIN, grant_id, "结束", NOW)] * 2)
    assert sum(isinstance(r, errors.GrantStateWrong) for r in results) == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM exchange_grant_step WHERE grant_id = %s", [grant_id])
        assert cursor.fetchone() == (2,)


def test_two_workers_expire_a_grant_once(source: SourceForm) -> None:
    grant_id = granted(mounted(source), days=1)
    from datetime import timedelta

    end = NOW + timedelta(days=1)
    reports = at_once(lambda: exchange.tick(end), lambda: exchange.tick(end))
    assert sum(r.expired for r in reports if isinstance(r, exchange.TickReport)) == 1
    assert [s.step for s in exchange.grant(WANG_MIN, grant_id, end).steps] == ["issued", "expired"]
