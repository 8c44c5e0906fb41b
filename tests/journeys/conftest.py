"""A whole demo node, started once as a person would start it, and a real browser."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from yiwang.bootstrap.embedded import free_port

CHROMIUM = "/usr/bin/chromium"
START_SECONDS = 300
PATIENCE_MS = 30_000
"""How long a page may take on a busy machine before a journey gives up."""
expect.set_options(timeout=PATIENCE_MS)


@dataclass(frozen=True)
class Account:
    """An account that demo.json names."""

    username: str
    password: str
    totp_secret: str | None
    name: str
    role: str
    agency: str


@dataclass(frozen=True)
class Node:
    """A running demo node."""

    url: str
    gateway: str
    folder: Path
    facts: dict[str, object]
    process: subprocess.Popen[bytes]

    def account(self, username: str) -> Account:
        accounts = self.facts["accounts"]
        assert isinstance(accounts, list)
        return next(Account(**row) for row in accounts if row["username"] == username)


def start(folder: Path, *extra: str) -> Node:
    """Start `yw demo --scale small` on free ports; three in a row are needed."""
    port = free_port(3)
    log = (folder / "demo.log").open("wb")
    process = subprocess.Popen(
        [
            sys.executable, "-m", "yiwang.bootstrap.cli", "demo", "--port", str(port), "--data", str(folder / "node"),
            "--scale", "small", *extra,
        ],
        stdout=log, stderr=subprocess.STDOUT, env={k: v for k, v in os.environ.items() if not k.startswith("YW_")},
        start_new_session=True,
    )  # fmt: skip
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        text = (folder / "demo.log").read_text(encoding="utf-8", errors="replace")
        if f"ready: http://127.0.0.1:{port}" in text:
            facts = json.loads((folder / "node" / "demo.json").read_text(encoding="utf-8"))
            return Node(facts["url"], facts["gateway"], folder / "node", facts, process)
        if process.poll() is not None:
            break
        time.sleep(0.2)
    process.kill()
    raise AssertionError(
        f"the demo did not start:\n{(folder / 'demo.log').read_text(encoding='utf-8')[-4000:]}"
    )


def stop(node: Node) -> None:
    node.process.send_signal(signal.SIGINT)
    node.process.wait(timeout=60)


@pytest.fixture(scope="session")
def node() -> Iterator[Node]:
    with tempfile.TemporaryDirectory(prefix="yw-journey-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        running = start(Path(name))
        try:
            yield running
        finally:
            stop(running)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        arguments = [
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
        ]
        if os.geteuid() == 0:
            arguments.append("--no-sandbox")
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield chromium
        chromium.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    fresh = browser.new_context(locale="zh-CN", viewport={"width": 1440, "height": 1000})
    fresh.set_default_timeout(PATIENCE_MS)
    yield fresh
    fresh.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()
