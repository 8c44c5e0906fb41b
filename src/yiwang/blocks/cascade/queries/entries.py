"""Resources of other nodes, and requests for them."""

from __future__ import annotations

from collections.abc import Collection

import msgspec
from django.db.models import QuerySet

from yiwang.blocks.cascade.domain.asking import UNDER_WAY
from yiwang.blocks.cascade.domain.bodies import EntryBody
from yiwang.blocks.cascade.domain.errors import AskingUnknown, EntryUnknown
from yiwang.blocks.cascade.queries.peers import nodes
from yiwang.blocks.cascade.queries.refusals import kept_refusal
from yiwang.blocks.cascade.queries.views import AskingView, EntryPage, EntryRow
from yiwang.blocks.cascade.store.here import node
from yiwang.blocks.cascade.store.models import Asking, Entry, ForeignAgency, ForeignGrant, Held
from yiwang.blocks.cascade.store.words import wanted
from yiwang.blocks.catalogue.public import resources_by_code
from yiwang.blocks.exchange.public import as_actor
from yiwang.blocks.identity.public import Actor


@as_actor
def entries(actor: Actor, *, text: str = "", owner: str = "", page: int = 1, per_page: int = 20) -> EntryPage:
    """Published resources of other nodes; `owner` narrows to one node."""
    rows = Entry.objects.filter(state="published")
    if owner:
        rows = rows.filter(node=owner)
    query = wanted(text)
    if text.strip() and not query:
        rows = rows.none()
    if query:
        rows = rows.extra(where=["words @@ %s::tsquery"], params=[query])
    total = rows.count()
    pages = max(1, -(-total // per_page))
    page = min(max(1, page), pages)
    chosen = rows.order_by("node", "title", "code")[(page - 1) * per_page : page * per_page]
    return EntryPage(_rows(actor, chosen), total, page, pages, nodes())


@as_actor
def entry(actor: Actor, owner: str, code: str) -> EntryRow:
    """One resource of another node. Raises: EntryUnknown."""
    found = _rows(actor, Entry.objects.filter(node=owner, code=code, state="published"))
    if not found:
        raise EntryUnknown(resource=code[:64])
    return found[0]


def entry_title(owner: str, code: str) -> tuple[str, str] | None:
    """The title of a published resource of another node, in Chinese and English; None where it is not known."""
    found = Entry.objects.filter(node=owner, code=code).first()
    if found is None:
        return None
    body = msgspec.convert(found.doc, EntryBody)
    return body.title, body.title_en


def english_titles(asked: Collection[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """English titles of resources, this node's or others', by owner and code; those without one are left out."""
    wanted_here = {code for owner, code in asked if owner == node()}
    found = {(node(), code): one.title_en for code, one in resources_by_code(wanted_here).items()}
    for owner, code in set(asked) - set(found):
        if owner != node() and (titles := entry_title(owner, code)) is not None:
            found[owner, code] = titles[1]
    return {which: title for which, title in found.items() if title}


def agency_names(uscc: str) -> tuple[str, str] | None:
    """The name of another node's agency, in Chinese and English; None where it is not known."""
    return ForeignAgency.objects.filter(pk=uscc).values_list("name", "name_en").first()


def entry_count() -> int:
    """How many resources of other nodes are known."""
    return Entry.objects.filter(state="published").count()


@as_actor
def askings(actor: Actor) -> tuple[AskingView, ...]:
    """Requests that cross nodes and that the actor may see, the latest first."""
    return _askings(actor, Asking.objects.order_by("-created_at")[:200])


@as_actor
def asking(actor: Actor, number: str) -> AskingView:
    """One of them. Raises: AskingUnknown."""
    found = _askings(actor, Asking.objects.filter(pk=number))
    if not found:
        raise AskingUnknown(request=number[:100])
    return found[0]


def _rows(actor: Actor, rows: QuerySet[Entry]) -> tuple[EntryRow, ...]:
    chosen = list(rows)
    titles = {one.name: one.title for one in nodes()}
    codes = {row.code for row in chosen}
    mine = ForeignGrant.objects.filter(consumer=actor.agency, resource__in=codes, state="active")
    grants = {(one.owner, one.resource): one.number for one in mine}
    english = dict(
        ForeignAgency.objects.filter(pk__in={row.provider for row in chosen}).values_list("uscc", "name_en")
    )
    open_ones = Asking.objects.filter(
        consumer=actor.agency, origin=node(), resource__in=codes, state__in=UNDER_WAY
    )
    asked = {(one.owner, one.resource): one.id for one in open_ones}
    return tuple(
        EntryRow(
            row.node, titles.get(row.node, row.node), row.code, msgspec.convert(row.doc, EntryBody), english.get(row.provider, ""),
            grants.get((row.node, row.code), ""), asked.get((row.node, row.code), ""), row.updated_at,
        )
        for row in chosen
    )  # fmt: skip


def _askings(actor: Actor, rows: QuerySet[Asking]) -> tuple[AskingView, ...]:
    chosen = list(rows)
    titles = {one.name: one.title for one in nodes()}
    states = {
        (one.owner, one.number): one.state
        for one in ForeignGrant.objects.filter(number__in=[row.grant for row in chosen if row.grant])
    }
    english = {
        (one.node, one.code): str(one.doc.get("title_en", ""))
        for one in Entry.objects.filter(code__in={row.resource for row in chosen})
    }
    held = dict(Held.objects.values_list("owner", "until"))
    return tuple(
        AskingView(
            row.id, row.owner, titles.get(row.owner, row.owner), row.origin, row.resource, row.title,
            english.get((row.owner, row.resource), ""),
            row.provider_name, row.consumer, row.consumer_name, row.applicant_name, row.reason,
            row.wish, tuple(row.wish.get("modes", ())), tuple(row.wish.get("fields", ())),
            tuple(one["code"] for one in row.wish.get("purposes", ())),
            tuple(one["title"] for one in row.wish.get("purposes", ())),
            row.state, row.number, row.answer, kept_refusal(row), row.basis, row.due, row.grant,
            states.get((row.owner, row.grant), ""), held.get(row.owner), row.created_at, row.updated_at,
            row.origin == node() and row.consumer == actor.agency,
        )
        for row in chosen
    )  # fmt: skip
