"""Forms of data are worked out before threads begin.

msgspec works out what a `Struct` is made of when it is first used, and other threads that use it meanwhile find it half made:
the process ends by a segmentation fault (msgspec 0.22, docs/adr/0313).
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec


def work_out_forms() -> int:
    """Have msgspec work out every form of this program that is imported by now; gives how many there are."""
    done = 0
    for form in _below(msgspec.Struct):
        try:
            msgspec.json.Decoder(form)
        except (TypeError, NameError):
            continue  # never decoded: an abstract one, or with types that only an encoder takes
        done += 1
    return done


def _below(form: type[msgspec.Struct]) -> Iterator[type[msgspec.Struct]]:
    for one in form.__subclasses__():
        if one.__module__.partition(".")[0] == "yiwang":
            yield one
        yield from _below(one)
