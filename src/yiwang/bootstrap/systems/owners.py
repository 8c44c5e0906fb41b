"""Which agency of the node a package means by `owner: {kind: 民政, level: [city]}`."""

from __future__ import annotations

from yiwang.blocks.organisation.public import AgencyFacts, agencies, agency
from yiwang.blocks.registry.public import OwnerUnknown
from yiwang.systems.model.package import Package

_LEVELS = {"province": 1, "city": 2, "county": 3, "town": 4, "village": 5}
_LINES = {"大数据": ("数据管理",), "政务服务": ("政务服务", "数据管理")}
"""Lines of business that a word of packages means, the likeliest first: many cities have one bureau for services and data."""


def owner_of(package: Package, named: str = "") -> AgencyFacts:
    """The agency that is named by its code, else the one of the declared kind and level, the highest first.

    Raises: UnknownAgency, for a code that no agency has; OwnerUnknown.
    """
    if named:
        return agency(named)
    owner = package.system.owner
    levels = {_LEVELS[one] for one in owner.level if one in _LEVELS}
    for kind in _LINES.get(owner.kind, (owner.kind,)):
        fitting = [
            one
            for one in agencies()
            if one.line.name_zh == kind and (not levels or one.region.level in levels)
        ]
        if fitting:
            return min(fitting, key=lambda one: (one.region.level, one.uscc))
    raise OwnerUnknown(system=package.id, owner=f"{owner.kind}（{'、'.join(owner.level)}）")
