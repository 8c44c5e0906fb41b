"""Fill an empty demo node: `python -m yiwang.bootstrap.demo.seed`, told by JSON on standard input.

Runs as the application role, like a page: everything it makes goes through the same actions and the same checks.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from yiwang.bootstrap.starting import set_up_django


@dataclass(frozen=True)
class Told:
    """What the parent knows: addresses, ports, a superuser's URL of the source databases, the passwords of the reading roles by
    department, and whether the database server is this node's own."""

    url: str
    gateway: str
    folder: str
    database_port: int
    admin: str
    readers: dict[str, tuple[str, str, str]]
    calls_a_day: int
    own_server: bool


def main() -> None:
    """Seed, then write demo.json."""
    told = Told(**json.load(sys.stdin))
    set_up_django()
    seed(told)


def seed(told: Told) -> None:
    """The whole of it: departments, people, sources, entries, mounts, requests, history, demo.json."""
    from django.utils import timezone

    from yiwang.blocks.catalogue import public as catalogue
    from yiwang.blocks.demand import public as demand
    from yiwang.blocks.exchange import public as exchange
    from yiwang.blocks.identity.public import acting, actor_for
    from yiwang.blocks.watch import public as watch
    from yiwang.bootstrap.demo import (
        capturing,
        files,
        following,
        history,
        integration,
        keeping,
        needs,
        people,
        permit_entries,
        permits,
        quality,
        sharing,
        tables,
    )
    from yiwang.bootstrap.demo.resources import ENTERPRISE, MOUNTS, drafts

    folder = Path(told.folder)
    now = timezone.localtime()
    past = now - timedelta(days=80)
    history.age_the_key(past)
    people.departments()
    accounts = people.accounts(past)
    for username in ("wangmin", "zhouhang", "heqing", "zhouyan"):
        watch.set_preference(
            actor_for(username, past),
            f"{username}@lanzhou.example",
            "zh-hans",
            dict.fromkeys(watch.GROUPS, "now"),
        )
    officers = {"shichang": "wangmin", "gongan": "linfeng"}
    sources = {}
    for department, (title, database, password) in told.readers.items():
        actor = actor_for(officers[department], past)
        with acting(actor):
            form = exchange.SourceForm(
                title, "127.0.0.1", database, f"{database}_reader", password, told.database_port
            )
            sources[department] = exchange.add_source(actor, form, past)
    _say("departments, people and sources")
    codes: dict[str, str] = {}
    for department, draft in drafts():
        actor = people.officer(department, past)
        with acting(actor):
            codes[draft.title] = catalogue.create_resource(actor, draft, past)
            exchange.publish_resource(actor, codes[draft.title], past)
    for mount in MOUNTS:
        actor = actor_for(officers[mount.department], past)
        with acting(actor):
            key = (mount.key,) if mount.key else ()
            exchange.mount_resource(
                actor,
                exchange.MountForm(
                    codes[mount.title],
                    sources[mount.department],
                    mount.schema,
                    mount.relation,
                    mount.columns,
                    key,
                    ("query", "verify", "table") if key else ("query", "verify"),
                ),
                past,
            )
    wangmin = actor_for("wangmin", past)
    with acting(wangmin):
        for number in range(1, len(permits.KINDS) + 1):
            entry = permit_entries.draft(number)
            code = codes[entry.title] = catalogue.create_resource(wangmin, entry, past)
            exchange.publish_resource(wangmin, code, past)
            exchange.mount_resource(wangmin, permit_entries.mount(number, code, sources["shichang"]), past)
        code = codes[files.TITLE] = catalogue.create_resource(wangmin, files.draft(), past)
        exchange.publish_resource(wangmin, code, past)
    _say("catalogue entries and mounts")
    keeping.write(sources, codes, past, now)
    _say("scans and reviews of entries")
    clients = people.clients(folder / "clients", past)
    sharing.tell(codes, now)
    integration.tell(codes, now)
    files.tell(codes[files.TITLE], past, now - timedelta(days=3))
    people.leave(now)
    exchange.tick(now)
    needs.tell(now)
    demand.tick(now)
    _say("requests, grants and needs")
    quality.tell(told.admin, codes, now)
    _say("weeks of quality")
    tables.tell(told.admin, codes, told.database_port, now)
    _say("table jobs")
    capturing.tell(told.admin, codes, now, own_server=told.own_server)
    _say("a job that captures changes")
    following.tell(codes, now)
    _say("a subscription to changes")
    history.write(told.calls_a_day, now)
    _say("weeks of exchange history")
    facts: dict[str, object] = {
        "url": told.url,
        "gateway": told.gateway,
        "accounts": [
            {
                "username": made.account.username,
                "password": made.password,
                "totp_secret": made.totp_secret,
                "name": made.account.name,
                "role": made.account.roles[0] if made.account.roles else "",
                "agency": made.agency,
            }
            for made in accounts
        ],
        "files": {
            "resource": codes[files.TITLE],
            "purpose": sharing.AID.code,
            "provider": clients[-1].id,
            "consumer": clients[0].id,
        },
        "sessions": {
            "resource": codes[ENTERPRISE],
            "field": people.KEYS[ENTERPRISE][0],
            "value": people.KEYS[ENTERPRISE][1],
            "purpose": sharing.AID.code,
            "client": clients[0].id,
        },
        "clients": [{"id": made.id, "agency": made.agency, "key": str(made.key)} for made in clients],
        "resources": people.resources(codes, clients, now),
    }
    people.write_facts(folder, facts)


def _say(what: str) -> None:
    print(f"  {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
