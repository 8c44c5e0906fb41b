"""Whom the tables of a declared system are opened to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Roles:
    """Database roles that declared tables are opened to, each to views of its own.

    Attributes:
        app: the application's, which reads and writes by the rules of access.
        share: the exchange's, which mounts read by.
        quality: that of the runs of quality rules, which counts what is in a whole table.
    """

    app: str
    share: str
    quality: str
