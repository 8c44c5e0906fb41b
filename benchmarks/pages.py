"""Main pages under 20 people at once: `./yw bench pages`.

A demo city is set up in a temporary folder. Twenty signed-in people click through the main pages, each waiting for a
page before asking for the next, with no time to think: the hardest reading of "20 concurrent users". The ceiling beside
it is the same server answering a page without a database (`/healthz` excluded, it asks the gateway): the sign-in form.
The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import statistics
import tempfile
import time
from pathlib import Path

import httpx

from tests.journeys.conftest import Node, start, stop

PEOPLE = 20
ROUNDS = 12
PAGES = {
    "zhouhang": (
        "/share/",
        "/share/resources/",
        "/share/resources/102001%2F1/",
        "/share/requests/",
        "/share/grants/",
    ),
    "wangmin": (
        "/share/",
        "/share/resources/?q=企业",
        "/desk/decisions/",
        "/desk/sources/",
        "/share/notices/",
    ),
    "heqing": (
        "/share/",
        "/share/resources/",
        "/desk/reviews/",
        "/share/resources/101001%2F1/",
        "/share/notices/",
    ),
}


def p95(values: list[float]) -> float:
    """The 95th percentile, in milliseconds."""
    return round(statistics.quantiles(values, n=20)[-1] * 1000, 1)


async def sign_in(node: Node, username: str) -> httpx.AsyncClient:
    account = node.account(username)
    person = httpx.AsyncClient(base_url=node.url, follow_redirects=True, timeout=60)
    form = await person.get("/login/")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form.text)
    assert token is not None
    answer = await person.post(
        "/login/",
        data={"username": username, "password": account.password, "csrfmiddlewaretoken": token[1]},
        headers={"Referer": f"{node.url}/login/"},
    )
    assert answer.status_code == 200, answer.status_code
    assert "/login/" not in str(answer.url), f"{username} could not sign in"
    return person


async def walk(
    person: httpx.AsyncClient, pages: tuple[str, ...], think: float, took: dict[str, list[float]]
) -> None:
    for _ in range(ROUNDS):
        for page in pages:
            started = time.perf_counter()
            answer = await person.get(page)
            took.setdefault(page.split("?")[0], []).append(time.perf_counter() - started)
            assert answer.status_code == 200, f"{page}: {answer.status_code}"
            if think:
                await asyncio.sleep(think)


async def measure(node: Node, think: float) -> dict[str, list[float]]:
    names = list(PAGES)
    people = [(await sign_in(node, names[n % len(names)]), names[n % len(names)]) for n in range(PEOPLE)]
    took: dict[str, list[float]] = {}
    for person, name in people[:3]:  # every template once, so that nobody pays for compiling it
        for page in PAGES[name]:
            await person.get(page)
    await asyncio.gather(*(walk(person, PAGES[name], think, took) for person, name in people))
    for person, _ in people:
        await person.aclose()
    return took


async def ceiling(node: Node) -> list[float]:
    took: list[float] = []

    async def one() -> None:
        async with httpx.AsyncClient(base_url=node.url, timeout=60) as visitor:
            for _ in range(ROUNDS * 3):
                started = time.perf_counter()
                await visitor.get("/login/")
                took.append(time.perf_counter() - started)

    await asyncio.gather(*(one() for _ in range(PEOPLE)))
    return took


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="yw bench pages", description="Main pages under several people at once."
    )
    parser.add_argument(
        "--scale", choices=("small", "city"), default="city", help="how many rows the demo has"
    )
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="yw-pages-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        node = start(Path(folder), "--scale", options.scale)
        try:
            bare = asyncio.run(ceiling(node))
            hurried = asyncio.run(measure(node, 0.0))
            calm = asyncio.run(measure(node, 1.0))
        finally:
            stop(node)
    result = {
        "people": PEOPLE,
        "p95_ms": p95([t for times in calm.values() for t in times]),
        "p95_ms_without_thinking": p95([t for times in hurried.values() for t in times]),
        "p95_ms_sign_in_form": p95(bare),
        "ratio_to_form": round(p95(bare) / p95([t for times in hurried.values() for t in times]), 3),
        "pages": {
            page: {"calm": p95(calm[page]), "without_thinking": p95(hurried[page])} for page in sorted(calm)
        },
    }
    print(json.dumps(result, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
