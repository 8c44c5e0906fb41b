"""`kill -9` of the process that follows and sends, while a receiver holds its delivery: the next one sends the same."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from django.db import connection
from django.db.models import F
from django.utils import timezone

from tests.store.exchange.cast import ZHOU_HANG
from tests.store.subscriptions.cast import Stage
from yiwang.blocks.exchange.public import SYSTEM
from yiwang.blocks.identity.public import acting
from yiwang.blocks.subscriptions import public as subs
from yiwang.blocks.subscriptions.actions.sending import CLAIM
from yiwang.blocks.subscriptions.store.models import Hook

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Came:
    """Deliveries as a receiver got them; while `answering` is clear it holds the connection."""

    port: int = 0
    deliveries: list[tuple[str, bytes]] = field(default_factory=list)
    taken: list[bytes] = field(default_factory=list)
    arrived: threading.Event = field(default_factory=threading.Event)
    answering: threading.Event = field(default_factory=threading.Event)

    def events(self, body: bytes) -> list[tuple[str, str, str]]:
        """Id, key and name of each event."""
        return [(one["id"], one["key"]["编号"], one["values"]["名称"]) for one in json.loads(body)["events"]]


@pytest.fixture
def came() -> Iterator[Came]:
    """A receiver on this machine."""
    came = Came()

    class Receives(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            came.deliveries.append((self.headers["yw-delivery"], body))
            came.arrived.set()
            held = not came.answering.is_set()
            came.answering.wait(120)
            with contextlib.suppress(ConnectionError):
                self.send_response(204)
                self.end_headers()
                if not held:
                    came.taken.append(body)

        def log_message(self, *_: object) -> None:
            """Silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Receives) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        came.port = server.server_port
        yield came
        came.answering.set()
        server.shutdown()


@pytest.fixture
def key_folder(tmp_path: Path) -> Path:
    """Where a process of the node looks for its keys."""
    return tmp_path / "keys"


@pytest.fixture
def words(tmp_path: Path, came: Came, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment of the node's process for subscriptions, on the test's own database."""
    monkeypatch.setenv("YW_WEBHOOK_HOSTS", f"127.0.0.1:{came.port}")
    at = connection.settings_dict
    return os.environ | {
        "YW_DATABASE_URL": f"postgresql://{at['USER']}:{at['PASSWORD']}@{at['HOST']}:{at['PORT']}/{at['NAME']}",
        "YW_DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "yiwang.bootstrap.settings",
    }  # fmt: skip


@contextlib.contextmanager
def sender(words: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """The process as a node runs it."""
    process = subprocess.Popen([sys.executable, "-m", "yiwang.bootstrap.subscribing"], env=words)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def until_nothing_waits(number: str, at: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + 120
    while subs.subscription(ZHOU_HANG, number).lag:
        assert at.poll() is None, "the process ended by itself"
        assert time.monotonic() < ends, "it does not go on"
        time.sleep(0.1)


def renamed(stage: Stage, row: str, name: str) -> None:
    stage.sql(f"UPDATE kb.qy SET mc = '{name}' WHERE bh = '{row}'")


def test_a_killed_process_is_followed_by_one_that_sends_the_same_events_in_their_order(
    captured: Stage, came: Came, words: dict[str, str]
) -> None:
    stage, one, two = captured, "B000001", "B000002"
    stage.clock.at = timezone.now()
    number = stage.subscribe()
    subs.set_hook(ZHOU_HANG, number, f"http://127.0.0.1:{came.port}/hook?token=x", timezone.now())
    for row, name in ((one, "一"), (two, "甲"), (one, "二"), (two, "乙")):
        renamed(stage, row, name)
    stage.turn()
    with sender(words) as first:
        assert came.arrived.wait(30), "nothing was sent"
        renamed(stage, one, "三")  # happens while the delivery is under way
        first.kill()
        first.wait()
    renamed(stage, two, "丙")  # happens while nobody follows
    assert subs.subscription(ZHOU_HANG, number).lag > 0, "what was not answered is not taken"
    came.answering.set()
    stage.turn()
    with acting(SYSTEM):  # the dead process's claim runs out
        Hook.objects.filter(pk=number).update(due_at=F("due_at") - CLAIM - timedelta(seconds=1))
    with sender(words) as second:
        until_nothing_waits(number, second)

    cut = came.events(came.deliveries[0][1])
    assert [name for _, _, name in cut] == ["一", "甲", "二", "乙"]
    whole = [event for body in came.taken for event in came.events(body)]
    assert whole[: len(cut)] == cut, "the same events under the same ids"
    names = {row: [name for _, key, name in whole if key == row] for row in (one, two)}
    assert names == {one: ["一", "二", "三"], two: ["甲", "乙", "丙"]}, "nothing lost, each key in its order"
    assert len({name for name, _, _ in whole}) == len(whole), "nothing more than once where nothing broke"


def test_a_claim_of_a_dead_process_is_nobody_elses_before_it_runs_out(
    captured: Stage, came: Came, words: dict[str, str]
) -> None:
    stage = captured
    stage.clock.at = timezone.now()
    number = stage.subscribe()
    subs.set_hook(ZHOU_HANG, number, f"http://127.0.0.1:{came.port}/hook", timezone.now())
    renamed(stage, "B000001", "一")
    stage.turn()
    with sender(words) as first:
        assert came.arrived.wait(30), "nothing was sent"
        with acting(SYSTEM):
            claimed = Hook.objects.get(pk=number)
        assert claimed.claim
        assert claimed.due_at is not None
        assert claimed.due_at > timezone.now(), "another process would find nothing due"
        first.kill()
        first.wait()
    with acting(SYSTEM):
        left = Hook.objects.get(pk=number)
    assert (left.claim, left.due_at) == (claimed.claim, claimed.due_at), "it stays claimed until then"
    assert len(came.deliveries) == 1
