"""The cast of the identity tests: two agencies of one city, their people and the three administrators."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.test import Client
from django.utils import timezone

from yiwang.blocks.identity import public as identity
from yiwang.blocks.identity.domain.second_factor import code_at, step_of
from yiwang.blocks.organisation import public as organisation
from yiwang.vocabulary.crypto import FileKeyProvider, use_key_provider
from yiwang.vocabulary.uscc import check_character

PASSWORD = "a quiet river in november"
SECRET = b"12345678901234567890"
PROVINCE, CITY, OTHER_CITY = "290000", "290100", "290200"


def uscc(number: int) -> str:
    """A code that passes, of a government body."""
    body = f"11290100MB{number:07d}"
    return body + check_character(body)


MARKET, CIVIL, ELSEWHERE = uscc(1), uscc(2), uscc(3)


@dataclass(frozen=True)
class Person:
    username: str
    name: str
    agency: str
    roles: frozenset[str]

    @property
    def actor(self) -> identity.Actor:
        return identity.actor_for(self.username, timezone.now())


WANG_MIN = Person("wang.min", "王敏", MARKET, frozenset({"data_officer"}))
ZHOU_HANG = Person("zhou.hang", "周航", CIVIL, frozenset({"data_officer", "approver"}))
ZHAO_JING = Person("zhao.jing", "赵静", ELSEWHERE, frozenset({"data_officer"}))
LI_WEI = Person("li.wei", "李维", MARKET, frozenset())
SYSTEM = Person("system", "孙系", MARKET, frozenset({"system_admin"}))
SECURITY = Person("security", "钱安", MARKET, frozenset({"security_admin"}))
AUDIT = Person("audit", "吴审", MARKET, frozenset({"audit_admin"}))
OPERATOR = Person("operator", "郑运", MARKET, frozenset({"operator"}))
FAR_SYSTEM = Person("far.system", "冯远", ELSEWHERE, frozenset({"system_admin"}))
FAR_SECURITY = Person("far.security", "褚远", ELSEWHERE, frozenset({"security_admin"}))
EVERYBODY = (
    WANG_MIN, ZHOU_HANG, ZHAO_JING, LI_WEI, SYSTEM, SECURITY, AUDIT, OPERATOR, FAR_SYSTEM, FAR_SECURITY,
)  # fmt: skip
STRONG = {"system_admin", "security_admin", "audit_admin", "operator", "auditor"}


def keys_in(folder: Path) -> None:
    use_key_provider(FileKeyProvider(folder / "keys", create=True))


def city() -> None:
    """Two regions, three agencies."""
    hand = identity.node_actor(PROVINCE)
    organisation.register_region(hand, code=PROVINCE, name_zh="云泽省", name_en="Yunze")
    for code, zh, en in ((CITY, "澜州市", "Lanzhou"), (OTHER_CITY, "汀州市", "Tingzhou")):
        organisation.register_region(hand, code=code, name_zh=zh, name_en=en, parent=PROVINCE)
    for code, slug, zh, line, region in (
        (MARKET, "lan-shichang", "澜州市市场监督管理局", "market", CITY),
        (CIVIL, "lan-minzheng", "澜州市民政局", "civil-affairs", CITY),
        (ELSEWHERE, "ting-jiaotong", "汀州市交通运输局", "transport", OTHER_CITY),
    ):
        organisation.register_agency(
            hand, uscc=code, slug=slug, name_zh=zh, name_en=slug, short_zh=zh[3:7], short_en=slug,
            region=region, line=line,
        )  # fmt: skip


def people(*who: Person) -> None:
    """Accounts with their roles; those with a strong role have an authenticator with SECRET."""
    for one in who:
        identity.create_demo_account(
            identity.node_actor(PROVINCE), username=one.username, name=one.name, agency_uscc=one.agency,
            password=PASSWORD, roles=one.roles, totp_secret=SECRET if one.roles & STRONG else None,
            now=timezone.now() - timedelta(minutes=5),
        )  # fmt: skip


def code(now: datetime | None = None, ahead: int = 0) -> str:
    """The code that SECRET's authenticator shows."""
    return code_at(SECRET, step_of(now or timezone.now()) + ahead)


def enter(who: Person) -> Client:
    """A browser in which the person is signed in, second factor included."""
    browser = Client()
    number = identity.begin_sign_in(
        who.actor.user_id, address="127.0.0.1", browser="Firefox · Linux", now=timezone.now()
    )
    if who.roles & STRONG:
        from yiwang.blocks.identity.store.models import SignIn

        SignIn.objects.filter(pk=number).update(second_factor=True)
    session = browser.session
    session["yw_sign_in"] = number
    session.save()
    return browser
