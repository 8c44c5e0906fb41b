"""Subscriptions at running gateways: events under the grant, acknowledged, replayed, and who gets nothing."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest

from benchmarks._node import NODE
from tests.gateway.shelf import sql
from tests.gateway.stage import CODE, ITEM, NAMES, PEOPLE, Answer, Stage
from yiwang.blocks.exchange.domain.compiled import CompiledGrant, GrantedField, RowCondition
from yiwang.client import AsyncClient, Client, GatewayRefused
from yiwang.client.subscriptions import AsyncSubscriptions, Subscriptions
from yiwang.vocabulary.crypto import SigningKey
from yiwang.vocabulary.evidence import trust_of

MODES = ("table", "changes")
FIELDS = (GrantedField("身份号码"), GrantedField("姓名", "name"), GrantedField("区划"))


@dataclass
class Follower:
    """A subscription and its signed calls."""

    stage: Stage
    terms: CompiledGrant
    id: str = ""

    @property
    def grant(self) -> str:
        return self.terms.id

    def call(
        self, path: str, body: dict[str, Any] | None = None, *, query: str = "", key: SigningKey | None = None,
        grant: str | None = None, purpose: str = ITEM,
    ) -> Answer:  # fmt: skip
        sent = b"" if body is None else json.dumps(body).encode()
        signed = self.stage.sign(
            f"/v1/subscriptions{path}", sent, key=key or self.stage.key, method="GET" if body is None else "POST",
            query=query, purpose=purpose, grant=grant or self.grant,
        )  # fmt: skip
        return self.stage.send(signed)

    def events(self, query: str = "") -> Answer:
        return self.call(f"/{self.id}/events", query=query)

    def ack(self, cursor: str) -> Answer:
        return self.call(f"/{self.id}/ack", {"cursor": cursor})


def follower(stage: Stage, **changed: Any) -> Follower:
    made = Follower(stage, granted(stage, **changed))
    answer = made.call("", {"resource": CODE})
    assert answer.status == 201, answer.response.text
    made.id = answer.json["id"]
    sql(stage, "UPDATE subscriptions_feed SET state = 'live' WHERE resource = %s", CODE)
    return made


def granted(stage: Stage, **changed: Any) -> CompiledGrant:
    return stage.grant(
        **{
            "modes": MODES,
            "fields": FIELDS,
            "predicates": (),
            "required": (),
            "claims": (),
            "calls_per_day": 50,
            **changed,
        }
    )


def happened(
    stage: Stage, number: int, op: str, *, name: str = "", area: str = "620100", was: str = ""
) -> None:
    """Something changed at the source."""

    def row(text: str, where: str) -> str | None:
        return json.dumps({"身份号码": PEOPLE[number], "姓名": text, "区划": where, "收入": "9.00"})

    before = None if op == "insert" else row(was or NAMES[number], area)
    after = None if op == "delete" else row(name or NAMES[number], area)
    sql(
        stage,
        "WITH f AS (UPDATE subscriptions_feed SET last = last + 1 WHERE resource = %s RETURNING resource, last)"
        " INSERT INTO subscriptions_event (feed_id, position, op, key, before, after, reason, version, sourced_at, recorded_at)"
        " SELECT resource, last, %s, %s, %s, %s, '', 1, now(), now() FROM f",
        CODE, op, json.dumps([PEOPLE[number]]), before, after,
    )  # fmt: skip


def test_events_are_given_under_the_grant_with_evidence_and_once_acknowledged_no_more(stage: Stage) -> None:
    one = follower(stage)
    assert one.call("", {"resource": CODE}).json["id"] == one.id, "asking again makes no second one"
    assert one.id in [row["id"] for row in one.call("").json["subscriptions"]]
    happened(stage, 0, "insert")
    happened(stage, 1, "update", was="航周")
    happened(stage, 1, "update", was="周行")  # the same under its mask
    happened(stage, 2, "delete")
    answer = one.events()
    stage.proves(answer)
    assert [event["op"] for event in answer.json["events"]] == ["insert", "update", "delete"]
    first, second, third = answer.json["events"]
    assert first["values"] == {"身份号码": PEOPLE[0], "姓名": "王*", "区划": "620100"}
    assert "收入" not in json.dumps(answer.json, ensure_ascii=False)
    assert third["key"] == {"身份号码": PEOPLE[2]}
    leaf = answer.leaf
    assert (leaf["event"], leaf["rows"], leaf["detail"]["subscription"]) == ("events-given", 3, one.id)
    assert len(leaf["subjects"]) == 3, "each person finds it among the uses of their data"
    assert [event["id"] for event in one.events().json["events"]] == [e["id"] for e in answer.json["events"]]
    acked = one.ack(second["cursor"])
    stage.proves(acked)
    assert [event["id"] for event in one.events().json["events"]] == [third["id"]]
    assert one.ack(first["cursor"]).json["acked"] == second["cursor"], "an older word takes nothing back"
    one.ack(answer.json["cursor"])
    assert one.events().json["events"] == []
    assert one.call(f"/{one.id}").json["waiting"] == 0


def test_rows_outside_of_the_grant_are_not_told_of(stage: Stage) -> None:
    one = follower(stage, rows=(RowCondition("区划", "prefix", "6201"),))
    happened(stage, 0, "insert", area="110000")
    answer = one.events()
    assert answer.json["events"] == []
    assert one.call(f"/{one.id}").json["waiting"] == 0, "what cannot be seen need not be acknowledged"
    happened(stage, 1, "insert", area="620102")
    assert len(one.events().json["events"]) == 1


def test_a_page_has_its_limit_and_its_cursor_goes_on(stage: Stage) -> None:
    one = follower(stage)
    for number in range(5):
        happened(stage, number, "insert")
    first = one.events("limit=2")
    assert (len(first.json["events"]), first.json["more"]) == (2, True)
    second = one.events(f"after={first.json['cursor']}&limit=3")
    assert len(second.json["events"]) == 3
    ids = [event["id"] for event in first.json["events"] + second.json["events"]]
    assert len(set(ids)) == 5
    sql(stage, "UPDATE subscriptions_subscription SET acked = sent WHERE id = %s", one.id)


def test_a_replay_goes_back_by_cursor_and_by_time(stage: Stage) -> None:
    one = follower(stage)
    begun = one.call(f"/{one.id}").json["acked"]
    happened(stage, 0, "insert")
    cursor = one.events().json["cursor"]
    one.ack(cursor)
    replayed = one.call(f"/{one.id}/replay", {"cursor": begun})
    stage.proves(replayed)
    assert len(one.events().json["events"]) == 1
    one.ack(cursor)
    assert one.call(f"/{one.id}/replay", {"time": "2020-01-01T00:00:00+08:00"}).status == 200
    assert len(one.events().json["events"]) >= 1
    for body in (
        {},
        {"cursor": begun, "time": "2026-01-01T00:00:00Z"},
        {"time": "gestern"},
        {"time": "2026-01-01"},
    ):
        assert one.call(f"/{one.id}/replay", body).code == "subscription-ask"


def test_a_call_that_waits_is_answered_when_something_happens(stage: Stage) -> None:
    one = follower(stage)
    later = threading.Timer(0.3, happened, (stage, 0, "insert"))
    later.start()
    begun = time.monotonic()
    answer = one.events("wait=10")
    later.join()
    assert len(answer.json["events"]) == 1
    assert time.monotonic() - begun < 9.5
    assert one.events(f"wait=1&after={answer.json['cursor']}").json["events"] == []


def test_a_revoked_grant_gives_nothing_more_at_once(stage: Stage) -> None:
    one = follower(stage)
    happened(stage, 0, "insert")
    cursor = one.events().json["cursor"]
    stage.publish(one.terms, state="revoked")
    assert one.events().code == "grant-revoked"
    assert one.ack(cursor).code == "grant-revoked"


def test_others_learn_nothing_of_a_subscription(stage: Stage) -> None:
    one, other = follower(stage), follower(stage)
    happened(stage, 0, "insert")
    theirs = stage.grant(
        consumer="11290000MB00000092", modes=MODES, fields=FIELDS, predicates=(), required=(), claims=()
    )
    for path in (f"/{one.id}", f"/{one.id}/events"):
        answer = one.call(path, key=stage.stranger, grant=theirs.id)
        assert (answer.status, answer.code) == (404, "subscription-unknown")
    assert one.call("/sub-none/events").code == "subscription-unknown"
    mine = one.events().json
    assert other.ack(mine["cursor"]).code == "subscription-cursor-foreign"
    assert other.events(f"after={quote(mine['cursor'])}").code == "subscription-cursor-foreign"
    for text in ("", "1", "1-" + "0" * 24, mine["cursor"] + "0", "-1-" + "a" * 24):
        assert one.ack(text).code == "subscription-cursor-foreign"


def test_another_grant_than_its_own_opens_no_subscription(stage: Stage) -> None:
    one, other = follower(stage), follower(stage)
    answer = one.call(f"/{one.id}/events", grant=other.grant)
    assert (answer.status, answer.code) == (403, "grant-not-yours")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"modes": ("table", "query")}, "mode-not-granted"),
        ({"fields": (GrantedField("姓名"),)}, "subscription-grant-unfit"),
        ({"fields": (GrantedField("身份号码", "id_number"),)}, "subscription-grant-unfit"),
        ({"purposes": ("item:000000000000",)}, "purpose-not-allowed"),
    ],
)
def test_a_grant_that_does_not_say_so_lets_nothing_be_followed(
    stage: Stage, changed: dict[str, Any], code: str
) -> None:
    one = Follower(stage, granted(stage, **changed))
    answer = one.call("", {"resource": CODE})
    assert (answer.status, answer.code) == (403, code)


def test_whoever_would_follow_a_resource_of_another_node_is_told_what_there_is_instead(stage: Stage) -> None:
    answer = Follower(stage, granted(stage)).call("", {"resource": f"{CODE}@guojia"})
    assert (answer.status, answer.code) == (422, "subscription-beyond-nodes")
    assert "incremental" in answer.response.text
    assert answer.leaf["code"] == "subscription-beyond-nodes", "a refused caller leaves evidence"


def test_wrong_asks_are_told(stage: Stage) -> None:
    one = follower(stage)
    for query in ("limit=0", "limit=501", "limit=x", "wait=31", "wait=-1", "before=1", "limit=１"):
        assert one.events(quote(query, safe="=&")).code == "subscription-ask", query
    assert one.call(f"/{one.id}/nothing").status == 404
    assert one.call(f"/{one.id}/events", {"x": 1}).status == 405
    assert one.call("", {"resource": CODE, "more": 1}).status == 422
    assert stage.http.get(f"{stage.one.url}/v1/subscriptions").status_code == 401


def test_a_paused_one_gives_nothing_and_one_that_lost_events_says_so(stage: Stage) -> None:
    one = follower(stage)
    sql(
        stage,
        "UPDATE subscriptions_subscription SET state = 'paused', reason = 'person' WHERE id = %s",
        one.id,
    )
    assert one.events().code == "subscription-paused"
    sql(stage, "UPDATE subscriptions_subscription SET state = 'active', lost = true WHERE id = %s", one.id)
    happened(stage, 0, "insert")
    answer = one.events()
    assert [event["op"] for event in answer.json["events"]] == ["resync", "insert"]
    one.ack(answer.json["cursor"])
    assert one.events().json["events"] == []


def test_a_client_follows_in_both_styles_and_checks_the_evidence(stage: Stage) -> None:
    one = follower(stage)
    trust = trust_of(NODE, stage.node.keys.describe("evidence"))
    happened(stage, 0, "insert")
    with Client(stage.one.url, stage.key, trust=trust) as client:
        following = Subscriptions(client, purpose=ITEM, grant=one.grant)
        mine = following.subscribe(CODE)
        assert (mine.id, mine.state) == (one.id, "active")
        page = next(following.follow(mine.id, wait=1))
        assert page.evidence is not None
        assert [event.op for event in page.events] == ["insert"]
        assert following.ack(mine.id, page.cursor) == page.cursor
        assert following.one(mine.id).waiting == 0
        assert mine.id in [each.id for each in following.list()]
        with pytest.raises(GatewayRefused) as refused:
            following.ack(mine.id, "1-x")
        assert refused.value.code == "subscription-cursor-foreign"

    async def concurrently() -> list[str]:
        async with AsyncClient(stage.one.url, stage.key, trust=trust) as client:
            following = AsyncSubscriptions(client, purpose=ITEM, grant=one.grant)
            mine = await following.subscribe(CODE)
            await following.replay(mine.id, time="2020-01-01T00:00:00Z")
            async for page in following.follow(mine.id, wait=1):
                await following.ack(mine.id, page.cursor)
                return [event.id for event in page.events]
        return []

    assert page.events[0].id in asyncio.run(concurrently())
