"""The check of a package as a whole."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from yiwang.systems.cel.declaring import World
from yiwang.systems.checking.duties import check_duties
from yiwang.systems.checking.english import check_english
from yiwang.systems.checking.expressions import check_expressions
from yiwang.systems.checking.names import check_names
from yiwang.systems.checking.references import check_references
from yiwang.systems.checking.work_references import check_work
from yiwang.systems.errors import ForeignClaim, NameReserved, NameTwice, PackageFault, ReferenceUnknown
from yiwang.systems.loading import Loaded
from yiwang.systems.model.package import Package
from yiwang.systems.reading.nodes import Node
from yiwang.systems.reading.places import Place

MAX_CLOSER: Final = 200
"""So many faults are moved to the name itself; of a package that is all wrong the rest stay at the thing."""


def check_package(loaded: Loaded, others: Mapping[str, Package] | None = None) -> tuple[PackageFault, ...]:
    """Every fault of a package, in the order of places; the same fault at the same place once.

    Args:
        loaded: the package as read; faults of reading are part of the answer.
        others: packages it may refer to, by system id.
    """
    found = list(loaded.faults)
    if loaded.package is not None:
        world = World(loaded.package, others or {})
        for part in (
            check_names(loaded.package), check_references(world), check_work(world), check_duties(world),
            check_expressions(world), check_english(loaded.package),
        ):  # fmt: skip
            found.extend(part)
    found[:MAX_CLOSER] = [_closer(fault, loaded.trees) for fault in found[:MAX_CLOSER]]
    once = {(fault.place, fault.code, fault.text("en")): fault for fault in found}
    return tuple(
        sorted(once.values(), key=lambda fault: (fault.place.file, fault.place.line, fault.place.column))
    )


def _closer(fault: PackageFault, trees: Mapping[str, Node]) -> PackageFault:
    """A fault of a name, moved from the thing it is in to the name itself."""
    tree = trees.get(fault.place.file)
    name = str(fault.facts.get("found", ""))
    if tree is None or not isinstance(fault, ReferenceUnknown | NameReserved | NameTwice | ForeignClaim):
        return fault
    thing = next(
        (one for one in _all(tree) if one.place == fault.place and not isinstance(one.value, str)), None
    )
    place = _named(thing, name) if thing is not None else None
    if place is None:
        return fault
    facts = {key: value for key, value in fault.facts.items() if key not in ("file", "line", "column", "at")}
    return type(fault)(place, **facts)


def _all(node: Node) -> Iterator[Node]:
    yield node
    below = (
        node.value.values()
        if isinstance(node.value, dict)
        else node.value
        if isinstance(node.value, list)
        else ()
    )
    for one in below:
        yield from _all(one)


def _named(thing: Node, name: str) -> Place | None:
    """Where the name stands in a thing: as a text, as a key, or as a word of a text."""
    texts = [one for one in _all(thing) if isinstance(one.value, str)]
    for one in texts:
        if one.value == name:
            return one.place
    for one in _all(thing):
        if name in one.keys:
            return one.keys[name]
    for one in texts:
        found = re.search(rf"(?<![\w]){re.escape(name)}(?![\w])", str(one.value))
        if found is not None:
            return one.at(found.start())
    return None
