"""Errors that were kept by their code and facts, read back so that each reader has them in their own language."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from yiwang.vocabulary.errors import Fact, YwError


def kept_error(code: str, facts: object) -> YwError:
    """The error of that code with the facts that were kept. A code that this process does not know is an unexpected error.

    Raises: msgspec.ValidationError, for facts that no error has.
    """
    return _made(_kind(code) or YwError, facts)


def known_error(code: str, facts: object) -> YwError | None:
    """The same; None for a code that this process does not know, as that of another release."""
    kind = _kind(code)
    return None if kind is None else _made(kind, facts)


def _kind(code: str) -> type[YwError] | None:
    return next((one for one in _below(YwError) if one.code == code), None)


def _made(kind: type[YwError], facts: object) -> YwError:
    error = kind.__new__(kind)  # some kinds are made from other things than their facts
    YwError.__init__(error, **msgspec.convert(facts, dict[str, Fact]))
    return error


def _below(kind: type[YwError]) -> Iterator[type[YwError]]:
    for one in kind.__subclasses__():
        yield one
        yield from _below(one)
