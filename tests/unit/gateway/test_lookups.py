"""Reads by key that wait together, and come apart again when one of them is at fault."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence

import pytest

from tests.unit.gateway.cases import CODE, resource
from yiwang.blocks.exchange.domain.compiled import CompiledResource
from yiwang.gateway.lookups import PATIENCE, WAITING, Kind, Queue, Rows
from yiwang.gateway.source_errors import SourceBusy, SourceGarbled, SourceSlow
from yiwang.gateway.sql import Statement

ALONE, TOGETHER = Statement("alone", (), ()), Statement("together", (), ())


class Server:
    """Answers each read with the values asked by; a garbled value spoils the statement it is in."""

    def __init__(self) -> None:
        self.statements: list[tuple[str, list[object]]] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def fetch(self, _resource: CompiledResource, statement: Statement, args: Sequence[object]) -> Rows:
        self.statements.append((statement.text, list(args)))
        await self.gate.wait()
        asked = re.findall('"([^"]*)"', str(args[0])) if statement is TOGETHER else [args[0]]
        if "slow" in asked:
            raise SourceSlow(resource=CODE, timeout_ms=1)
        if "garbled" in asked:
            raise SourceGarbled(resource=CODE)
        found = [(value, n) for n, value in enumerate(asked, start=1) if value != "nobody"]
        return found if statement is TOGETHER else [row[:1] for row in found]

    def queue(self, *fixed: object) -> Queue:
        return Queue(Kind(resource(), ALONE, TOGETHER, list(fixed)), self.fetch)


def test_a_single_read_goes_alone_and_at_once() -> None:
    async def run() -> None:
        server = Server()
        assert await server.queue("290100").look_up(["a"]) == [("a",)]
        assert server.statements == [("alone", ["a", "290100"])]

    asyncio.run(run())


def test_what_comes_while_a_read_is_under_way_is_the_next_read_and_each_gets_its_own() -> None:
    async def run() -> None:
        server = Server()
        queue = server.queue("290100")
        server.gate.clear()
        first = asyncio.create_task(queue.look_up(["a"]))
        await asyncio.sleep(0.001)
        rest = [asyncio.create_task(queue.look_up([name])) for name in ("b", "nobody", "c")]
        await asyncio.sleep(0)
        server.gate.set()
        assert await first == [("a",)]
        assert [[row[0] for row in await one] for one in rest] == [["b"], [], ["c"]]
        assert server.statements[1:] == [("together", ['{"b","nobody","c"}', "290100"])]
        assert queue.idle

    asyncio.run(run())


def test_whoever_comes_after_a_shared_read_does_not_wait_for_the_timer_of_a_slow_one() -> None:
    async def run() -> None:
        server = Server()
        queue = server.queue()
        server.gate.clear()
        first = asyncio.create_task(queue.look_up(["a"]))
        await asyncio.sleep(0.001)
        second = asyncio.create_task(queue.look_up(["b"]))  # sets the timer of a second read beside the first
        await asyncio.sleep(0)
        server.gate.set()
        await asyncio.gather(first, second)
        third = asyncio.create_task(queue.look_up(["c"]))
        for _ in range(5):  # turns of the loop, no time
            await asyncio.sleep(0)
        assert third.done()
        assert [text for text, _ in server.statements] == ["alone", "alone", "alone"]

    asyncio.run(run())


def test_a_row_at_fault_spoils_its_own_call_only() -> None:
    async def run() -> None:
        queue = Server().queue()
        calls = [asyncio.create_task(queue.look_up([name])) for name in ("a", "garbled", "b")]
        done = await asyncio.gather(*calls, return_exceptions=True)
        assert done[0] == [("a",)]
        assert isinstance(done[1], SourceGarbled)
        assert done[2] == [("b",)]

    asyncio.run(run())


def test_a_source_that_fails_fails_all_that_travelled() -> None:
    async def run() -> None:
        queue = Server().queue()
        done = await asyncio.gather(*(queue.look_up([n]) for n in ("a", "slow")), return_exceptions=True)
        assert [type(one) for one in done] == [SourceSlow, SourceSlow]
        assert done[0] is not done[1]

    asyncio.run(run())


def test_a_slow_read_does_not_hold_up_the_rest() -> None:
    async def run() -> None:
        server = Server()
        queue = server.queue()
        server.gate.clear()
        stuck = asyncio.create_task(queue.look_up(["a"]))
        await asyncio.sleep(0.001)
        waiting = asyncio.create_task(queue.look_up(["b"]))
        await asyncio.sleep(PATIENCE * 2)
        assert len(server.statements) == 2
        server.gate.set()
        assert await waiting == [("b",)]
        await stuck

    asyncio.run(run())


def test_the_queue_is_bounded() -> None:
    async def run() -> None:
        server = Server()
        queue = server.queue()
        calls = [asyncio.create_task(queue.look_up([str(n)])) for n in range(WAITING)]
        await asyncio.sleep(0)
        server.gate.clear()
        with pytest.raises(SourceBusy):
            await queue.look_up(["one more"])
        server.gate.set()
        await asyncio.gather(*calls)

    asyncio.run(run())


def test_a_timer_set_for_a_slow_read_never_makes_the_next_caller_wait() -> None:
    async def run() -> None:
        server = Server()
        queue = server.queue()
        for _ in range(3):
            server.gate.clear()
            first = asyncio.create_task(queue.look_up(["a"]))
            await asyncio.sleep(0.001)
            second = asyncio.create_task(
                queue.look_up(["b"])
            )  # sets the timer that the first read may outlast
            await asyncio.sleep(0)
            server.gate.set()
            await asyncio.gather(first, second)
            begun = len(server.statements)
            late = asyncio.create_task(queue.look_up(["c"]))
            for _ in range(4):  # turns of the loop, no time
                await asyncio.sleep(0)
            assert server.statements[begun:] == [("alone", ["c"])]
            assert await late == [("c",)]

    asyncio.run(run())


def test_who_comes_in_the_very_turn_in_which_a_read_ends_does_not_wait_for_its_timer() -> None:
    async def run() -> None:
        server = Server()
        queue = server.queue()
        server.gate.clear()
        calls = [asyncio.create_task(queue.look_up(["a"]))]
        await asyncio.sleep(0.001)
        calls.append(asyncio.create_task(queue.look_up(["b"])))
        await asyncio.sleep(0)
        server.gate.set()
        for turn in range(6):
            calls.append(asyncio.create_task(queue.look_up([str(turn)])))
            await asyncio.sleep(0)
        for _ in range(12):
            await asyncio.sleep(0)
        assert all(one.done() for one in calls)

    asyncio.run(run())
