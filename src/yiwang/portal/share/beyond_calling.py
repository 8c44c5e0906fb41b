"""The test console of a grant of another node: asked at this node's own gateway, which routes it."""

from __future__ import annotations

from django.http import QueryDict

from yiwang.blocks.cascade.public import AskingView, HoldingView
from yiwang.portal import formats
from yiwang.portal.share.console import Choice, Entered, Input


def entered(held: HoldingView, data: QueryDict | None) -> Entered:
    """What the form says, or the first suggestion; nothing that the grant does not name gets through."""
    given: dict[str, str] = {}
    fields, purpose, case = held.fields, "", ""
    if data is not None:
        typed = {name: data.get(f"where_{name}", "").strip()[:200] for name in held.lookups}
        given = {name: value for name, value in typed.items() if value}
        fields = tuple(name for name in data.getlist("fields") if name in held.fields)
        purpose, case = data.get("purpose", ""), data.get("case", "").strip()[:100]
    if purpose not in held.purposes:
        purpose = held.purposes[0] if held.purposes else ""
    return Entered(mode="query", given=given, claims={}, fields=fields, purpose=purpose, case=case)


def purposes_of(one: AskingView, held: HoldingView) -> list[tuple[str, str]]:
    """The grant's purposes with the titles of the request."""
    asked = dict(zip(one.purpose_codes, one.purposes, strict=False))
    return [(code, asked.get(code) or code) for code in held.purposes]


def shown(one: AskingView, held: HoldingView, what: Entered) -> dict[str, object]:
    """What the console draws."""

    def title(name: str) -> str:
        return formats.pick(*held.titles.get(name, (name, name)))

    return {
        "entered": what,
        "purposes": purposes_of(one, held),
        "inputs": [
            Input(name, title(name), what.given.get(name, ""), "", name in held.required)
            for name in held.lookups
        ],
        "choices": [Choice(name, title(name), name in what.fields) for name in held.fields],
        "callable": held.state == "active" and "query" in held.modes,
    }  # fmt: skip
