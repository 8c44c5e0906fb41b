"""Messages of routed tables and files that are cut, doubled, shortened, changed, or come once more in the place of another.

Whatever happened to a message: the copy is as its owner has it, one use was charged, it was confirmed once, every log is whole.
"""

from __future__ import annotations

import contextlib
import os
import random
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.gateway.cascade_stage import CITY, NATION, NODES, PROVINCE, CascadeStage
from tests.gateway.ledgers import Ledgers
from tests.gateway.library import Library
from tests.gateway.line import Change, Cut, with_body
from tests.gateway.stage import ITEM
from yiwang.client.transfer import download
from yiwang.dataplane.connectors.places import Place
from yiwang.vocabulary.errors import YwError
from yiwang.vocabulary.manifest import CHUNK

KINDS = ("cut", "twice", "shortened", "flipped", "replayed")
HARMS = [
    pytest.param(kind, way, marks=[] if (at + turn) % 2 == 0 else pytest.mark.long)
    for at, kind in enumerate(KINDS)
    for turn, way in enumerate(("request", "answer"))
]
"""Every kind in every way; without the long ones, every kind once and both ways."""
OTHERS = [pytest.param(*one.values, marks=[] if one.marks else pytest.mark.long) for one in HARMS]
"""The same, without the long ones in the other way."""
CONTENT = os.urandom(3 * CHUNK + 1234)
BROKEN = (YwError, httpx.HTTPError)
"""What a caller may be told while a line is bad; it calls again."""


@pytest.fixture(scope="module")
def file(library: Library, tmp_path_factory: pytest.TempPathFactory) -> str:
    return library.delivered(tmp_path_factory.mktemp("original"), CONTENT)


def spoilt(kind: str, message: bytes, earlier: bytes, drawn: random.Random) -> bytes:
    """What is carried in place of a message. Raises: Cut."""
    head = message.index(b"\r\n\r\n") + 4
    match kind:
        case "cut":
            raise Cut(message[: drawn.randrange(len(message))])
        case "twice":
            return message + message
        case "shortened":
            return with_body(message, message[head:][: drawn.randrange(max(1, len(message) - head))])
        case "flipped":
            place = drawn.randrange(len(message))
            return (
                message[:place] + bytes([message[place] ^ (1 << drawn.randrange(8))]) + message[place + 1 :]
            )
        case _:
            return earlier or message


def once(kind: str, at: int, drawn: random.Random) -> Change:
    """One message goes wrong, that of this number; all others are carried as they are."""
    seen, before = 0, b""

    def change(message: bytes) -> bytes:
        nonlocal seen, before
        seen, earlier, before = seen + 1, before, message
        return spoilt(kind, message, earlier, drawn) if seen - 1 == at else message

    return change


def often(faults: list[str], most: int, drawn: random.Random) -> Change:
    """Every fourth message or so goes wrong, until that has happened so many times."""
    before = b""

    def change(message: bytes) -> bytes:
        nonlocal before
        earlier, before = before, message
        if len(faults) >= most or drawn.random() > 0.25:
            return message
        faults.append(drawn.choice(KINDS))
        return spoilt(faults[-1], message, earlier, drawn)

    return change


def through(cascade: CascadeStage, work: Callable[[], object], between: Callable[[], object]) -> None:
    """The work, begun again until it ends, on lines on which twenty messages go wrong."""
    drawn, faults = random.Random(29), list[str]()
    for _ in range(60):
        with contextlib.ExitStack() as bad, contextlib.suppress(*BROKEN):
            for place in (NATION, PROVINCE):
                changes = [often(faults, 20, drawn) for _ in range(2)]
                bad.enter_context(cascade.lines[place].changing(request=changes[0], answer=changes[1]))
            work()
            break
        between()
    else:
        raise AssertionError(f"it does not end: {faults}")
    assert set(faults) == set(KINDS)


def under(
    cascade: CascadeStage, drawn: random.Random, kind: str, way: str, work: Callable[[], object]
) -> bool:
    """Whether the work ended although one message of this way went wrong."""
    line = cascade.lines[drawn.choice([NATION, PROVINCE])]
    with line.changing(**{way: once(kind, drawn.randrange(8), drawn)}), contextlib.suppress(*BROKEN):
        work()
        return True
    return False


@pytest.mark.parametrize(("kind", "way"), HARMS)
def test_a_table_arrives_whole_and_once_whatever_happens_to_a_message(
    ledgers: Ledgers, tmp_path: Path, kind: str, way: str
) -> None:
    grant, target, drawn = ledgers.grant(), ledgers.target(), random.Random(f"{kind} {way}")

    def run() -> None:
        assert ledgers.run(grant, target, tmp_path, chunk=400).proven

    if not under(ledgers.cascade, drawn, kind, way, run):
        ledgers.leased(grant)
        run()
    copied(ledgers, grant, target)


@pytest.mark.long
def test_a_table_arrives_whole_and_once_through_twenty_faults_of_its_lines(
    ledgers: Ledgers, tmp_path: Path
) -> None:
    grant, target = ledgers.grant(), ledgers.target()

    def run() -> None:
        assert ledgers.run(grant, target, tmp_path, chunk=100).proven

    through(ledgers.cascade, run, lambda: ledgers.leased(grant))
    copied(ledgers, grant, target)


def copied(ledgers: Ledgers, grant: str, target: tuple[Place, str]) -> None:
    assert ledgers.copied(target) == ledgers.wanted()
    assert ledgers.cascade.calls(grant) == 1
    delivered = [one for one in ledgers.cascade.leaves(CITY, grant) if one.get("event") == "table-delivered"]
    assert len(delivered) == 1
    assert ledgers.cascade.damages() == []


@pytest.mark.parametrize(("kind", "way"), OTHERS)
def test_a_file_arrives_whole_and_once_whatever_happens_to_a_message(
    library: Library, file: str, tmp_path: Path, kind: str, way: str
) -> None:
    grant, drawn = library.grant(), random.Random(f"{kind} {way}")

    def fetch() -> None:
        fetched(library, file, tmp_path, grant)

    if not under(library.cascade, drawn, kind, way, fetch):
        library.leased(grant)
        fetch()
    confirmed(library, file, grant)


@pytest.mark.long
def test_a_file_arrives_whole_and_once_through_twenty_faults_of_its_lines(
    library: Library, file: str, tmp_path: Path
) -> None:
    grant = library.grant()
    through(library.cascade, lambda: fetched(library, file, tmp_path, grant), lambda: library.leased(grant))
    confirmed(library, file, grant)


def fetched(library: Library, file: str, folder: Path, grant: str) -> None:
    with library.at_city() as city:
        got = download(city, file, folder, purpose=ITEM, grant=grant)
    assert got.path.read_bytes() == CONTENT


def confirmed(library: Library, file: str, grant: str) -> None:
    ((number, sent, received),) = library.deliveries(grant)
    assert (number, received) == (file.partition("@")[0], True)
    assert sent >= len(CONTENT), "chunks that were lost on the way were sent again"
    assert library.cascade.calls(grant) == 1
    assert library.cascade.damages() == []


def killing(cascade: CascadeStage, drawn: random.Random) -> tuple[str, Change]:
    """A gateway and the change of a line that kills it at a random message."""
    victim, at, seen = drawn.choice(NODES), drawn.randrange(6), 0

    def kill(message: bytes) -> bytes:
        nonlocal seen
        seen += 1
        if seen - 1 == at:
            cascade.gateways[victim].process.kill()
        return message

    return victim, kill


@pytest.mark.long
def test_twenty_kills_of_gateways_at_random_moments_of_one_table(ledgers: Ledgers, tmp_path: Path) -> None:
    grant, target, drawn = ledgers.grant(), ledgers.target(), random.Random(17)
    cascade, hits = ledgers.cascade, 0
    for _ in range(20):
        victim, kill = killing(cascade, drawn)
        line = cascade.lines[drawn.choice([NATION, PROVINCE])]
        way = drawn.choice(["request", "answer"])
        try:
            with line.changing(**{way: kill}), contextlib.suppress(*BROKEN):
                ledgers.run(grant, target, tmp_path, chunk=100)
                break
            hits += 1
        finally:
            cascade.restart(victim)
        ledgers.leased(grant)
        ledgers.executed(f"UPDATE register SET zb = zb + 1 WHERE bh = 'N{drawn.randrange(1, 4000):08d}'")
    else:
        report = ledgers.run(grant, target, tmp_path)
        assert report.proven
    assert hits == 20
    assert ledgers.copied(target) == ledgers.wanted()
    assert cascade.calls(grant) == 1
    assert cascade.damages() == []
