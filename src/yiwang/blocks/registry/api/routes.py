"""Which handler answers which address."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from yiwang.blocks.registry.api import describing, files, records
from yiwang.blocks.registry.api.calls import Answer, Call
from yiwang.blocks.registry.api.errors import AddressUnknown, MethodRefused

Handler = Callable[[Call], Answer]
Methods = dict[str, Handler]
ENTITY: Final[Methods] = {"GET": records.listed, "POST": records.created}
ONE: Final[Methods] = {"GET": records.one, "PATCH": records.changed}
BESIDE: Final[dict[str, Methods]] = {
    "query": {"POST": records.queried},
    "find": {"POST": records.found},
    "export": {"GET": files.exported, "POST": files.exported_by_body},
    "import": {"POST": files.imported, "DELETE": files.taken_back},
}
"""Addresses beside the records of an entity."""
OF_ONE: Final[dict[str, Methods]] = {
    "history": {"GET": records.history},
    "readers": {"GET": records.readers},
    "withdraw": {"POST": records.withdrawn},
}
"""Addresses below one record."""


def handler_of(call: Call) -> Handler:
    """What answers the call. Raises: AddressUnknown, MethodRefused."""
    methods = _methods(call.parts)
    if methods is None:
        raise AddressUnknown()
    handler = methods.get(call.method)
    if handler is None:
        raise MethodRefused(method=call.method[:10], methods=", ".join(methods))
    return handler


def _methods(parts: tuple[str, ...]) -> Methods | None:
    match parts:
        case ():
            return {"GET": describing.systems}
        case (_, "openapi.json"):
            return {"GET": describing.document}
        case (_, _):
            return ENTITY
        case (_, _, number) if number.isdigit():
            return ONE
        case (_, _, word):
            return BESIDE.get(word)
        case (_, _, "key", _):
            return {"GET": records.keyed}
        case (_, _, number, word) if number.isdigit():
            return OF_ONE.get(word)
        case _:
            return None
