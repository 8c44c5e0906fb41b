"""Page after page of an answer that names the next one, for both styles of calling."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Protocol, TypeVar

from yiwang.client.errors import PagingBroken


class _Page(Protocol):
    @property
    def next(self) -> str | None:
        """Cursor of the page that follows."""

    @property
    def request_id(self) -> str:
        """Id of the request that brought it."""


P = TypeVar("P", bound=_Page)


def pages(ask: Callable[[str | None], P], gateway: str) -> Iterator[P]:
    """What `ask` brings for each cursor in turn. Raises: PagingBroken, where a page leads to itself, and what `ask` does."""
    cursor: str | None = None
    while True:
        page = ask(cursor)
        yield page
        if page.next is None:
            return
        cursor = _following(page, cursor, gateway)


async def pages_async(ask: Callable[[str | None], Awaitable[P]], gateway: str) -> AsyncIterator[P]:
    """As `pages`."""
    cursor: str | None = None
    while True:
        page = await ask(cursor)
        yield page
        if page.next is None:
            return
        cursor = _following(page, cursor, gateway)


def _following(page: _Page, cursor: str | None, gateway: str) -> str | None:
    if page.next == cursor:
        raise PagingBroken(gateway=gateway, request_id=page.request_id, status=200)
    return page.next
