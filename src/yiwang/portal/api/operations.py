"""What an operation of the interface is: one declaration from which it is both served and described."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import msgspec

from yiwang.blocks.identity.public import Actor
from yiwang.portal.api.errors import BodyWrong, QueryWrong

B = TypeVar("B")
MOST_PAGE = 100


@dataclass(frozen=True)
class Call:
    """A call as an operation sees it. `place` are the parts of the path, `query` the parameters."""

    actor: Actor
    now: datetime
    place: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes

    def whole(self, name: str, usual: int, most: int) -> int:
        """A parameter as a whole number from 1 to `most`. Raises: QueryWrong."""
        text = self.query.get(name, str(usual))
        if not text.isascii() or not text.isdecimal() or len(text) > 9 or not 1 <= int(text) <= most:
            raise QueryWrong(name=name, expected=f"1–{most}")
        return int(text)

    def one_of(self, name: str, allowed: tuple[str, ...], usual: str) -> str:
        """A parameter that is one of a few words. Raises: QueryWrong."""
        text = self.query.get(name, usual)
        if text not in allowed:
            raise QueryWrong(name=name, expected="|".join(one for one in allowed if one))
        return text


@dataclass(frozen=True)
class Parameter:
    """A parameter of the address, in English words; `allowed` are its values where they are few."""

    name: str
    words: str
    allowed: tuple[str, ...] = ()
    whole: bool = False


@dataclass(frozen=True)
class Operation:
    """One operation.

    Attributes:
        name: its `operationId`.
        path: below /api/v1, with parts in braces; `{code}` is a resource code and may hold a slash.
        roles: one of which the caller needs; the block behind it decides the rest.
        body: the type its JSON body is read into, None without one.
        answer: the type of what it answers.
    """

    name: str
    method: str
    path: str
    words: str
    roles: tuple[str, ...]
    run: Callable[[Call], object]
    answer: type
    body: type | None = None
    query: tuple[Parameter, ...] = ()
    status: int = 200


def taking(body: type[B], run: Callable[[Call, B], object]) -> Callable[[Call], object]:
    """An operation's function that gets its body read. Raises, when called: BodyWrong."""

    def read_and_run(call: Call) -> object:
        try:
            said = msgspec.json.decode(call.body or b"{}", type=body)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise BodyWrong(reason=str(error)[:200]) from None
        return run(call, said)

    return read_and_run


PAGE = (
    Parameter("page", "page, from 1; one too far is the last", whole=True),
    Parameter("per_page", f"entries a page, at most {MOST_PAGE}", whole=True),
)
