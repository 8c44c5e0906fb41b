"""Fill a node above the demo city: two agencies, four people, one resource on a real database."""

from __future__ import annotations

import json
import secrets
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from yiwang.bootstrap.starting import set_up_django


@dataclass(frozen=True)
class Told:
    """What the parent knows."""

    folder: str
    url: str
    gateway: str
    port: int
    password: str
    name: str
    title: str
    region: str


ROLES = (
    ("wangmin", "王敏", "market", ("data_officer", "approver")),
    ("heqing", "何青", "data", ("reviewer",)),
    ("zhouyan", "周岩", "data", ("operator",)),
    ("xuning", "许宁", "data", ("auditor",)),
)
STRONG = frozenset({"operator", "auditor"})


def main() -> None:
    """Seed, then write demo.json."""
    told = Told(**json.load(sys.stdin))
    set_up_django()
    seed(told)


def seed(told: Told) -> None:
    """Everything of the node."""
    from django.utils import timezone

    from yiwang.blocks.catalogue import public as catalogue
    from yiwang.blocks.exchange import public as exchange
    from yiwang.blocks.files import public as files
    from yiwang.blocks.identity import public as identity
    from yiwang.blocks.organisation import public as organisation
    from yiwang.bootstrap.demo import people
    from yiwang.bootstrap.demo.resources import DIVISION, ENTERPRISE, MOUNTS, drafts
    from yiwang.vocabulary import organisation_code, uscc

    now = timezone.now()
    nation = told.region == "CN"
    region = "110000" if nation else told.region
    hand = identity.node_actor(region)
    organisation.register_region(
        hand,
        code=region,
        name_zh="北京市" if nation else "云泽省",
        name_en="Beijing" if nation else "Yunze Province",
    )
    agencies: dict[str, str] = {}
    for serial, (line, zh, en) in enumerate(
        (("market", "市场监督管理", "Market Supervision"), ("data", "数据", "Data")), 1
    ):
        body = f"{(9000 if nation else 8000) + serial:08d}"
        start = f"11{region}{body}{organisation_code.check_character(body)}"
        front = "国家" if nation else "云泽省"
        name = f"{front}{zh}{'总局' if nation and line == 'market' else '局'}"
        agencies[line] = organisation.register_agency(
            hand, uscc=start + uscc.check_character(start), slug=f"{told.name}-{line}", name_zh=name,
            name_en=f"{'National' if nation else 'Yunze'} {en} Administration", short_zh=name,
            short_en=en, region=region, line=line,
        ).uscc  # fmt: skip
    accounts = []
    for username, name, line, roles in ROLES:
        password = secrets.token_urlsafe(12)
        totp = secrets.token_bytes(20) if not STRONG.isdisjoint(roles) else None
        identity.create_demo_account(
            hand, username=username, name=name, agency_uscc=agencies[line], password=password,
            roles=frozenset(roles), totp_secret=totp, now=now,
        )  # fmt: skip
        accounts.append(
            {
                "username": username, "password": password, "name": name, "role": roles[0],
                "totp_secret": identity.base32(totp) if totp else None, "agency": agencies[line],
            }
        )  # fmt: skip
    officer = identity.actor_for("wangmin", now)
    with identity.acting(officer):
        form = exchange.SourceForm(
            "市场主体登记库", "127.0.0.1", "shichang", "shichang_reader", told.password, told.port
        )
        source = exchange.add_source(officer, form, now)
        entry = next(draft for _, draft in drafts() if draft.title == ENTERPRISE)
        front_zh, front_en = ("全国", "National") if nation else ("全省", "Provincial")
        entry = replace(
            entry, title=f"{front_zh}{entry.title}", title_en=f"{front_en} {entry.title_en.lower()}",
            summary=entry.summary.replace("全市", front_zh), related=(), items=(*entry.items, DIVISION),
        )  # fmt: skip
        if nation:  # the province's is given on review alone, the nation's is decided by its provider
            entry = replace(entry, share_type="conditional", share_condition="用于行政许可和社会救助审核。")
        code = catalogue.create_resource(officer, entry, now)
        exchange.publish_resource(officer, code, now)
        mount = next(one for one in MOUNTS if one.title == ENTERPRISE)
        exchange.mount_resource(
            officer,
            exchange.MountForm(
                code,
                source,
                mount.schema,
                mount.relation,
                (*mount.columns, exchange.ColumnMap(DIVISION.wire, "djqh", "text", "character(6)")),
                (mount.key,) if mount.key else (),
                modes=("query", "verify", "table") if nation else ("query", "verify"),
            ),
            now,
        )
        if nation:
            files.open_shelf(officer, code, files.ShelfForm(), now)
    people.write_facts(
        Path(told.folder),
        {
            "url": told.url, "gateway": told.gateway, "accounts": accounts, "clients": [],
            "resources": [{"code": code, "title": entry.title, "key_field": people.KEYS[ENTERPRISE][0],
                           "example_value": people.KEYS[ENTERPRISE][1]}],
        },
    )  # fmt: skip


if __name__ == "__main__":
    main()
