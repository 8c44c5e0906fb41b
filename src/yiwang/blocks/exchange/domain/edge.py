"""Old clients at the edge 旧接口适配: which header dialect, from where, until when, and what each old service means.

An old client proves itself by a shared secret over a few ids and the time; the body, the path and the purpose are
not signed. So it is let in one by one, from fixed addresses, for look-ups by the whole key, until a day; the edge
signs the call anew and its evidence names a client whose id begins with `WEAK_PREFIX`.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from yiwang.vocabulary.forms import Problem

Dialect = Literal["gjgxjhpt", "gateway"]
DIALECTS: tuple[Dialect, ...] = ("gjgxjhpt", "gateway")
LONGEST_SUNSET = timedelta(days=731)
WIDEST_V4, WIDEST_V6 = 24, 112
"""Shortest prefixes that an address may be pinned by: 256 addresses, 65,536 in IPv6."""
MOST_SERVICES, MOST_ADDRESSES = 50, 20
SECRET_LENGTH = (16, 200)
_REQUESTER = re.compile(r"[A-Za-z0-9@._:-]{4,128}")
_SERVICE = re.compile(r"[A-Za-z0-9._-]{1,100}")


class EdgeService(msgspec.Struct, frozen=True):
    """What an old service id means here. `fields` leads from the old parameter to the item of the key."""

    service: str
    resource: str
    grant: str
    purpose: str
    fields: dict[str, str]


class CompiledEdge(msgspec.Struct, frozen=True):
    """An old client as a gateway knows it. `secret` and `key` (PKCS#8 PEM) are sealed; `sunset` is Unix seconds."""

    id: str
    dialect: Dialect
    requester: str
    client: str
    secret: str
    key: str
    addresses: tuple[str, ...]
    sunset: int
    services: tuple[EdgeService, ...]


@dataclass(frozen=True)
class EdgeServiceForm:
    """One line of the form. `parameters` is empty, or `old=item, old=item`."""

    service: str
    grant: str
    purpose: str = ""
    parameters: str = ""


@dataclass(frozen=True)
class EdgeForm:
    """An old client as the operator enters it. An empty secret, when it is let in, has one made."""

    dialect: str
    requester: str
    addresses: str
    sunset: datetime | None
    services: tuple[EdgeServiceForm, ...]
    secret: str = ""


def problems(form: EdgeForm, now: datetime, *, opening: bool) -> tuple[Problem, ...]:
    """What is wrong with the form itself; grants are looked up by the action."""
    found = []
    if opening and form.dialect not in DIALECTS:
        found.append(Problem("dialect", "请选择报文头样式。", "Choose the dialect."))
    if opening and not _REQUESTER.fullmatch(form.requester):
        found.append(
            Problem(
                "requester", "请求者标识为 4–128 个字母、数字或 @._:-。", "4–128 letters, digits or @._:-."
            )
        )
    if opening and form.secret and not SECRET_LENGTH[0] <= len(form.secret) <= SECRET_LENGTH[1]:
        found.append(
            Problem("secret", "共享密钥须为 16–200 个字符。", "A shared secret has 16–200 characters.")
        )
    try:
        addresses(form.addresses)
    except ValueError as problem:
        found.append(
            Problem("addresses", f"地址不可用：{problem}。", f"This address cannot be used: {problem}.")
        )
    if form.sunset is None or not now < form.sunset <= now + LONGEST_SUNSET:
        found.append(
            Problem("sunset", "停用日须在今后两年之内。", "The last day is within the next two years.")
        )
    names = [one.service for one in form.services]
    if not names:
        found.append(Problem("services.0.service", "至少写明一个服务。", "Name one service at least."))
    for at, one in enumerate(form.services):
        if not _SERVICE.fullmatch(one.service) or names.index(one.service) != at or at >= MOST_SERVICES:
            found.append(
                Problem(
                    f"services.{at}.service",
                    "服务编码不合规或重复。",
                    "The service id is malformed or repeated.",
                )
            )
        if not one.grant:
            found.append(Problem(f"services.{at}.grant", "请填写授权编号。", "Name the grant."))
    return tuple(found)


def addresses(text: str) -> tuple[str, ...]:
    """Addresses and small networks, one a line or separated by commas. Raises: ValueError, naming the wrong one."""
    found = []
    for word in text.replace(",", " ").replace("，", " ").split():
        try:
            network = ipaddress.ip_network(word, strict=True)
        except ValueError:
            raise ValueError(word) from None
        if network.prefixlen < (WIDEST_V4 if network.version == 4 else WIDEST_V6):
            raise ValueError(f"{word} > /{WIDEST_V4 if network.version == 4 else WIDEST_V6}")
        found.append(str(network))
    if not 1 <= len(found) <= MOST_ADDRESSES:
        raise ValueError(f"{len(found)} (1–{MOST_ADDRESSES})")
    return tuple(dict.fromkeys(found))


def parameters(text: str, key: tuple[str, ...]) -> dict[str, str]:
    """From `old=item, old=item` to the item of the key by old name; without text the items' own names.

    Raises:
        ValueError: the right sides are not exactly the items of the key.
    """
    pairs = [word.partition("=") for word in text.replace("，", ",").split(",") if word.strip()]
    named = {old.strip(): item.strip() for old, _, item in pairs} if pairs else {item: item for item in key}
    if not key or sorted(named.values()) != sorted(key) or "" in named:
        raise ValueError(", ".join(key))
    return named
