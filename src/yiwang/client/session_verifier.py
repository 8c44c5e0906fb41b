#!/usr/bin/env python3
"""Verify the evidence of one call of a session offline; other bundles are handed on to `verifier.py`, which lies beside.

    python session_verifier.py BUNDLE --trust TRUST [as verifier.py]

It follows docs/specs/sessions.md. Options, output and exit codes are those of `verifier.py`, whose needs it shares:
Python 3.8 or later and the `openssl` command. No other line is shared with the gateway.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys

try:
    from yiwang.client import verifier
except ImportError:  # both files were copied to somewhere else
    import verifier  # type: ignore[import-not-found,no-redef]

FORMAT = "yiwang-session/1"
BUNDLE = {"format": FORMAT, "call": "any", "countersignature": "any", "opening": "any"}
MARK = {
    "place": "int",
    "proof": "list64",
    "received": "any",
    "signature": verifier.SIGNED,
    "statement": ".{1,2048}",
}
STATEMENT = {
    "v": "int", "calls": "int", "client": verifier.WORD, "head": verifier.HEX, "key": verifier.KID, "log": verifier.NAME,
    "lost": "int", "node": verifier.NAME, "number": "int", "record": verifier.HEX, "root": verifier.HEX,
    "session": verifier.KID, "size": "int",
}  # fmt: skip
CODES = {"sm2-sm3": "hmac-sm3", "ed25519": "hmac-sha256"}
# fmt: off
verifier.TEXTS.update({
    "session-opening-unsigned": ("没有请求方的签名与公钥：不能证明会话是谁打开的。",
        "comes without the caller's signature and key: nothing shows who opened the session."),
    "session-differs": ("与会话不符：说的是另一次会话、另一个调用方或另一本日志。",
        "does not fit the session: it is about another session, caller or log."),
    "countersignature-wrong": ("不是公钥 {kid} 签的：不能证明调用方认下了这次调用。",
        "was not made by key {kid}: nothing shows that the caller owned up to this call."),
    "countersignature-head-differs": ("会签的不是这个树头。", "is not about this head."),
    "record-wrong": ("会签的清单里没有这次调用。", "does not lead from this call to the countersigned record."),
})
verifier.FACTS.update({"session": "会话", "countersigned": "会签序号", "received": "调用方确认收到答复"})
# fmt: on


def _whole(judge: verifier._Judge, value: object) -> None:
    """Judge the three parts of a session's bundle, and that they belong together."""
    bundle = verifier._members(value, BUNDLE, "bundle")
    opening = verifier._members(bundle["opening"], verifier.BUNDLE, "opening")
    judge.bundle(opening)
    begun, judge.facts = judge.facts, {}
    call = verifier._members(bundle["call"], verifier.BUNDLE, "call")
    judge.bundle(call)
    mark = verifier._members(bundle["countersignature"], MARK, "countersignature")
    if type(mark["received"]) is not bool:
        raise ValueError("countersignature.received")
    said = judge.logged(mark["statement"], STATEMENT, "countersignature.statement")
    if begun and judge.facts and said:
        key = _opener(judge, opening["request_key"])
        _belong(judge, opening, begun, call, said, key)
        _countersigned(judge, call, mark, said, key)


def _opener(judge: verifier._Judge, given: object) -> verifier.Members:
    """The key that opened the session; empty where there is none that is whole."""
    if given is None:
        judge.wrong("session-opening-unsigned", "opening.request_key")
    try:
        return verifier._key(given, verifier.KEY, "opening.request_key")
    except ValueError:
        return {}  # what is wrong with one that is there was found with its request


def _belong(
    judge: verifier._Judge,
    opening: verifier.Members,
    begun: verifier.Members,
    call: verifier.Members,
    said: verifier.Members,
    key: verifier.Members,
) -> None:
    leaf, asked, request = judge.facts, opening["request"], call["request"]
    try:
        told = verifier._json(str(opening["answer"]))
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict) or not isinstance(asked, dict) or not isinstance(request, dict) or not key:
        judge.wrong("session-differs", "opening")
        return
    session, detail = told.get("session"), begun.get("detail")
    parameters = verifier.SIGNATURE_INPUT.fullmatch(str(request["signature_input"]))
    alg = CODES[str(key["suite"])]
    holds = {
        "opening.leaf": begun["event"] == "session-opened"
        and begun["kind"] == "event"
        and asked["path"] == "/v1/sessions"
        and isinstance(detail, dict)
        and detail.get("session") == session
        and opening["status"] == 201,
        "opening.answer": told.get("alg") == alg,
        "call.request": parameters is not None and parameters.group(4, 5) == (session, alg),
        "call.leaf": [leaf[name] for name in ("key", "client", "log", "node")]
        == [session, *(told.get(name) for name in ("client", "log", "node"))],
        "countersignature.statement": [said[name] for name in ("session", "key", "client", "log", "node")]
        == [session, key["kid"], *(told.get(name) for name in ("client", "log", "node"))],
    }
    for where, good in holds.items():
        if not good:
            judge.wrong("session-differs", where)


def _countersigned(
    judge: verifier._Judge,
    call: verifier.Members,
    mark: verifier.Members,
    said: verifier.Members,
    key: verifier.Members,
) -> None:
    leaf = judge.facts
    head = verifier.digest(leaf["head_suite"], str(call["head"]).encode()).hex()
    if [said["size"], said["root"], said["head"]] != [leaf["head_size"], leaf["head_root"], head]:
        judge.wrong("countersignature-head-differs", "countersignature.statement")
    if key and not judge.signed(key, str(mark["statement"]), bytes.fromhex(str(mark["signature"]))):
        judge.wrong("countersignature-wrong", "countersignature.signature", kid=key["kid"])
    received = mark["received"] is True
    entry = {
        "index": leaf["index"] if received else None,
        "request": leaf["request"],
        "response": leaf["response"] if received else None,
    }
    text = json.dumps(entry, separators=(",", ":"), sort_keys=True)
    alg, place = leaf["request_alg"], int(str(mark["place"]))
    size = int(str(said["calls"])) + int(str(said["lost"]))
    seed = verifier.digest(alg, b"\x00" + text.encode())
    root = verifier.climb(alg, place, size - 1, seed, mark["proof"])[1].hex() if place < size else ""
    if root != said["record"]:
        judge.wrong("record-wrong", "countersignature.proof")
    judge.facts.update(session=said["session"], countersigned=said["number"], received=received)


def verify(
    bundle: bytes, trust: bytes, consistency: bytes | None = None, openssl: str = "openssl"
) -> verifier.Report:
    """As `verifier.verify`, for bundles of both kinds."""
    try:
        with contextlib.suppress(ValueError, RecursionError):
            value = json.loads(bundle)
            if not isinstance(value, dict) or value.get("format") != FORMAT:
                return verifier.verify(bundle, trust, consistency, openssl)
        judge = verifier._Judge(trust, openssl)
        _whole(judge, verifier._file(bundle, BUNDLE, "bundle"))
        if consistency is not None:
            judge.growth(consistency)
    except (ValueError, RecursionError) as error:
        found = [verifier._finding("file-malformed", "input", why=str(error)[:300])]
        return verifier.Report(2, found, {})
    except (OSError, subprocess.SubprocessError) as error:
        return verifier.Report(2, [verifier._finding("no-openssl", "openssl", why=error)], {})
    return verifier.Report(1 if judge.found else 0, judge.found, judge.facts)


if __name__ == "__main__":
    sys.exit(verifier.main(judge=verify))
