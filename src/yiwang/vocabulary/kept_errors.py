"""Errors that were kept by their code and facts, read back so that each reader has them in their own language."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from yiwang.vocabulary.errors import Fact, YwError


def kept_error(code: str, facts: object) -> YwError:
    """The error of that code with the facts that were kept. A code that this process does not know is an unexpected error.

    Raises: msgspec.ValidationError, for facts that no error has.
    """
    kind = next((one for one in _below(YwError) if one.code == code), YwError)
    error = kind.__new__(kind)  # some kinds are made from other things than their facts
    YwError.__init__(error, **msgspec.convert(facts, dict[str, Fact]))
    return error


def _below(kind: type[YwError]) -> Iterator[type[YwError]]:
    for one in kind.__subclasses__():
        yield one
        yield from _below(one)
