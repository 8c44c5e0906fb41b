"""The check of a package as a whole."""

from __future__ import annotations

from collections.abc import Mapping

from yiwang.systems.cel.declaring import World
from yiwang.systems.checking.duties import check_duties
from yiwang.systems.checking.expressions import check_expressions
from yiwang.systems.checking.names import check_names
from yiwang.systems.checking.references import check_references
from yiwang.systems.checking.work_references import check_work
from yiwang.systems.errors import PackageFault
from yiwang.systems.loading import Loaded
from yiwang.systems.model.package import Package


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
            check_expressions(world),
        ):  # fmt: skip
            found.extend(part)
    once = {(fault.place, fault.code, fault.text("en")): fault for fault in found}
    return tuple(sorted(once.values(), key=lambda fault: (fault.place.file, fault.place.line, fault.place.column)))
