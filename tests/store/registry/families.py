"""A small declared system, as it is once compiled: families who are helped, with an encrypted income and account."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.store.registry.installing import field, install
from yiwang.blocks.identity.public import Actor
from yiwang.blocks.registry.public import Code, Entity, Errand, Label, Rule, System

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)


FAMILY = Entity(
    id="family", title=Label("救助家庭", "Assisted family"), key=("number",), history="bitemporal",
    fields=(
        field("number", "serial", argument="JZ{town:6}{yyyy}{n:4}", required=True),
        field("town", "division", argument="town", required=True),
        field("head", "text", argument="10", required=True, search=True, grade=3),
        field("state", "code", argument="family_state", required=True, default="draft"),
        field("income", "money", encrypted=True, grade=4),
        field("account", "text", argument="32", encrypted=True, lookup=True, grade=4),
        field("amount", "money", default=0),
        field("poor", "boolean", derived='"row"."amount" > 10000'),
    ),
    rules=(
        Rule(roles=("aid.clerk",), purposes=("dibao",), verbs=("read", "write"),
             rows='"row"."town" = registry_told(\'division\')'),
        Rule(roles=("aid.committee",), verbs=("read",), rows='"row"."town" = registry_told(\'division\')',
             fields=("number", "head", "state")),
        Rule(roles=("aid.director",), verbs=("read", "export")),
        Rule(roles=("aid.committee",), verbs=("export",), fields=("number", "head")),
    ),
)  # fmt: skip
SYSTEM = System(
    id="aid", title=Label("社会救助", "Social assistance"), version="1.0.0", owner="11290100MB00000011",
    entities=(FAMILY,),
    codes={"family_state": (
        Code("draft", Label("草稿", "Draft")), Code("active", Label("在保", "Active")),
        Code("old", Label("旧", "Old"), until="2026-01-01", successor="active"),
    )},
)  # fmt: skip
TOWN, OTHER_TOWN = "290102001", "290102002"


def person(number: int, name: str, division: str, purpose: str = "dibao") -> Errand:
    actor = Actor(number, f"user{number}", name, "11290100MB00000011", "民政局", division, frozenset())
    return Errand(actor, purpose=purpose, division=division)


CLERK = person(1, "王敏", TOWN)
NEIGHBOUR = person(2, "李强", OTHER_TOWN)
COMMITTEE = person(3, "周航", TOWN, "joint_review")
DIRECTOR = person(4, "陈晨", "2901")
OUTSIDER = person(5, "赵静", TOWN)


def applied() -> None:
    """The system's tables and its row, and who holds which role."""
    holders = ((CLERK, "clerk"), (NEIGHBOUR, "clerk"), (COMMITTEE, "committee"), (DIRECTOR, "director"))
    install(SYSTEM, [(errand.actor, role) for errand, role in holders], NOW)
