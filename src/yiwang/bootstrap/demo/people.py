"""Departments, accounts and client applications of the demo city."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from django.utils import timezone

from yiwang.blocks.identity import public as identity
from yiwang.blocks.organisation import public as organisation
from yiwang.bootstrap.demo import enterprises, residents
from yiwang.bootstrap.demo.boundaries import SOURCE, boundaries
from yiwang.bootstrap.demo.city import ACCOUNTS, AGENCY_OF, DEPARTMENTS, REGIONS, Account
from yiwang.bootstrap.demo.resources import ENTERPRISE, RESIDENT, STATUS
from yiwang.bootstrap.node import write_private
from yiwang.vocabulary.crypto import generate

STRONG = {"operator", "auditor", "system_admin", "security_admin", "audit_admin"}
CITY = "290100"
PROVINCE = "290000"
CLIENTS = (
    ("zhouhang", "低保审核系统", "sm2-sm3"),
    ("zhouhang", "救助数据比对", "ed25519"),
    ("sunli", "养老保险经办系统", "sm2-sm3"),
    ("zhaojing", "运政管理系统", "ed25519"),
    ("wangmin", "年报交付程序", "sm2-sm3"),
)


_TODAY = date(2026, 1, 1)
_FIRM = next(
    str(row[0]) for row in enterprises.rows(100, _TODAY) if row[8] == "存续" and row[5] and row[2] == "1190"
)
KEYS = {
    ENTERPRISE: ("统一社会信用代码", _FIRM),
    STATUS: ("统一社会信用代码", _FIRM),
    RESIDENT: ("公民身份号码", str(next(iter(residents.rows(1, _TODAY)))[0])),
}
"""Key field and an example value of the mounted resources."""


@dataclass(frozen=True)
class MadeAccount:
    """An account as demo.json tells it."""

    account: Account
    password: str
    totp_secret: str | None
    agency: str


@dataclass(frozen=True)
class MadeClient:
    """A client application with the path of its private key."""

    id: str
    agency: str
    key: Path


def departments() -> None:
    """Register the regions and the departments."""
    hand = identity.node_actor(PROVINCE)
    for code, name_zh, name_en, parent, _level in REGIONS:
        organisation.register_region(hand, code=code, name_zh=name_zh, name_en=name_en, parent=parent)
    organisation.load_boundaries(hand, boundaries(), SOURCE)
    for each in DEPARTMENTS:
        organisation.register_agency(
            hand, uscc=each.code, slug=f"lan-{each.slug}", name_zh=each.name_zh, name_en=each.name_en,
            short_zh=each.short_zh, short_en=each.short_en, region=CITY, line=each.line,
        )  # fmt: skip


def accounts(now: datetime) -> list[MadeAccount]:
    """Create the accounts, each with a password of its own and, where its role asks for it, an authenticator."""
    made = []
    for account in ACCOUNTS:
        password = secrets.token_urlsafe(12)
        agency = AGENCY_OF[account.department].code
        totp = secrets.token_bytes(20) if not STRONG.isdisjoint(account.roles) else None
        identity.create_demo_account(
            identity.node_actor(PROVINCE), username=account.username, name=account.name, agency_uscc=agency,
            password=password, roles=frozenset(account.roles), totp_secret=totp, now=now,
        )  # fmt: skip
        made.append(MadeAccount(account, password, identity.base32(totp) if totp else None, agency))
    return made


def leave(now: datetime) -> None:
    """王敏 is about to go on leave: 赵六 stands in as data officer at once, as approver once 高岚 approves it."""
    days = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=10)
    deputy = identity.actor_for("zhaoliu", now).user_id
    identity.name_deputy(
        identity.actor_for("wangmin", now), deputy, frozenset({"data_officer", "approver"}),
        since=now, until=days, reason="年假", now=now,
    )  # fmt: skip


def clients(folder: Path, now: datetime) -> list[MadeClient]:
    """Register client applications; their private keys lie in `folder`, readable by its owner alone."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = []
    for username, name, suite in CLIENTS:
        actor = identity.actor_for(username, now)
        with identity.acting(actor):
            client = identity.register_client(actor, name=name, now=now)
            key = generate(suite)
            identity.add_key(actor, client, key.public.to_pem(), now=now)
        file = folder / f"{client}.pem"
        write_private(file, key.to_pem().decode("ascii"))
        made.append(MadeClient(client, actor.agency, file))
    return made


def officer(department: str, now: datetime) -> identity.Actor:
    """Who draws up a department's entries: its own data officer, or for the others the node while it is installed."""
    for account in ACCOUNTS:
        if account.department == department and "data_officer" in account.roles:
            return identity.actor_for(account.username, now)
    agency = organisation.agency(AGENCY_OF[department].code)
    return identity.Actor(
        0,
        "node",
        agency.name_zh,
        agency.uscc,
        agency.name_zh,
        CITY,
        frozenset({"data_officer"}),
        second_factor=True,
    )


def resources(codes: dict[str, str], made: list[MadeClient], now: datetime) -> list[dict[str, object]]:
    """What demo.json tells about each published resource."""
    from yiwang.blocks.exchange import public as exchange

    found: dict[str, set[str]] = {}
    for username in ("zhouhang", "sunli"):
        actor = identity.actor_for(username, now)
        with identity.acting(actor):
            for grant in exchange.grants(actor, side="consumer"):
                if grant.state == "active":
                    found.setdefault(grant.resource, set()).update(
                        c.id for c in made if c.agency == actor.agency
                    )
    actor = identity.actor_for("heqing", now)
    rows: list[dict[str, object]] = []
    with identity.acting(actor):
        for title, code in codes.items():
            entry = exchange.resource_entry(actor, code, now)
            key = KEYS.get(title, ("", ""))
            rows.append(
                {
                    "code": code,
                    "title": title,
                    "share_type": entry.resource.share_type,
                    "key_field": key[0],
                    "example_value": key[1],
                    "granted_to": sorted(found.get(code, ())),
                }
            )
    return rows


def write_facts(folder: Path, facts: dict[str, object]) -> None:
    """Write demo.json, which holds the passwords of this demonstration: readable by its owner alone."""
    write_private(folder / "demo.json", json.dumps(facts, ensure_ascii=False, indent=1))
