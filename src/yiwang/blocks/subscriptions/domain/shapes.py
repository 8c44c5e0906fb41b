"""Grants and resources as far as subscriptions look at them; exchange's compiled documents are of these shapes."""

from __future__ import annotations

from typing import Protocol


class Field(Protocol):
    """One item of a resource."""

    @property
    def name(self) -> str:
        """Its name in events."""

    @property
    def column(self) -> str:
        """The column behind it."""

    @property
    def type(self) -> str:
        """Its type in the catalogue."""

    @property
    def database_type(self) -> str:
        """The type of its column."""

    @property
    def subject(self) -> str | None:
        """`person` or `organisation` where a value identifies one."""


class GrantedField(Protocol):
    """A field that leaves, perhaps masked."""

    @property
    def name(self) -> str:
        """Of the resource's fields."""

    @property
    def mask(self) -> str | None:
        """Name of a mask."""


class RowCondition(Protocol):
    """A fixed condition on rows."""

    @property
    def name(self) -> str:
        """The field that is compared."""

    @property
    def operator(self) -> str:
        """`eq`, `in`, `prefix`, `gte` or `lte`."""

    @property
    def value(self) -> str | int | bool | tuple[str, ...]:
        """What it is compared with."""


class Grant(Protocol):
    """A grant. Times are Unix seconds, hours minutes of the day."""

    @property
    def id(self) -> str:
        """Its number."""

    @property
    def modes(self) -> tuple[str, ...]:
        """What it allows."""

    @property
    def fields(self) -> tuple[GrantedField, ...]:
        """What leaves."""

    @property
    def rows(self) -> tuple[RowCondition, ...]:
        """Conditions that all hold."""

    @property
    def purposes(self) -> tuple[str, ...]:
        """Grounds of purposes."""

    @property
    def not_before(self) -> int:
        """When it begins."""

    @property
    def not_after(self) -> int:
        """When it ends."""

    @property
    def hours(self) -> tuple[int, int] | None:
        """When on a day."""

    @property
    def workdays_only(self) -> bool:
        """Whether on working days alone."""

    @property
    def zone(self) -> str:
        """In which network zone."""


class Resource(Protocol):
    """A mounted resource."""

    @property
    def version(self) -> int:
        """Edition of its entry."""

    @property
    def fields(self) -> tuple[Field, ...]:
        """All of its fields."""

    @property
    def key(self) -> tuple[str, ...]:
        """Names of its key."""

    @property
    def schema(self) -> str:
        """Where its table is."""

    @property
    def relation(self) -> str:
        """Its table."""
