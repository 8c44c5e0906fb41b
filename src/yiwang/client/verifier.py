#!/usr/bin/env python3
"""Verify a Yiwang evidence bundle offline: one file, Python 3.8 or later, and the `openssl` command (3.0 or later).

    python verifier.py BUNDLE --trust TRUST [--consistency FILE] [--json] [--lang zh|en] [--openssl PATH]

It follows docs/specs/evidence.md and shares no line with the gateway, so that each checks the other. Exit code: 0 the
bundle is valid, 1 it is not, 2 the input cannot be used (no JSON, not a bundle, no trust file, no openssl).
Nothing is believed that the trust file does not carry: a key inside the bundle proves only whose request it was.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import datetime
import hashlib
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Callable, Dict, List, NamedTuple  # noqa: UP035
from urllib.parse import unquote

Members = Dict[str, object]  # noqa: UP006 - Python 3.8
# one thing that is wrong: a stable code, the place, and what it means in Chinese and English
Finding = NamedTuple("Finding", [("code", str), ("where", str), ("zh", str), ("en", str)])  # noqa: UP014
# exit_code is 0 valid, 1 invalid, 2 unusable; facts are what the evidence states
Report = NamedTuple("Report", [("exit_code", int), ("findings", List[Finding]), ("facts", Members)])  # noqa: UP006, UP014
MAX_FILE = 64 << 20  # bytes
# fmt: off
HEX, KID, SUITE, SIGNED, VALUE = "[0-9a-f]{64}", "[0-9a-f]{32}", "sm2-sm3|ed25519", "([0-9a-f]{2})+", "[!-~]([ -~]*[!-~])?"
ALG = SUITE + "|hmac-sm3|hmac-sha256"  # with the codes of sessions, which session_verifier.py knows
WORD, NAME, TIME = ".{1,500}", "[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?", r"[0-9-]{10}T[0-9:]{8}\.[0-9]{6}Z"
SPKI = {"sm2-sm3": "3059301306072a8648ce3d020106082a811ccf5501822d03420004.{128}", "ed25519": "302a300506032b6570032100.{64}"}
SIGNATURE_INPUT = re.compile(
    r'yw=(\("@method" "@path" "@query" "content-digest" "yw-node" "yw-purpose"( "yw-grant")?( "idempotency-key")?\)'
    r';created=(?:0|[1-9][0-9]{0,11});nonce="[A-Za-z0-9_-]{22,64}";keyid="([0-9a-f]{32})";alg="(' + ALG + ')")'
)
PKEYUTL = "pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER", "-inkey", "key", "-in", "data", "-sigfile", "mark"
SM2 = "-digest", "sm3", "-pkeyopt", "distid:1234567812345678"
# what a member must match: a pattern, `int` (not negative) or `any`; a leading ? allows null
LEAF = {
    "v": "int", "time": TIME, "node": NAME, "log": NAME, "epoch": "int", "kind": "query|verify|refusal|event|recovery",
    "direction": "provide", "consumer": "?" + WORD, "client": "?" + WORD, "key": "?" + KID, "provider": "?" + WORD,
    "resource": "?" + WORD, "version": "?int", "grant": "?" + WORD, "grant_version": "?int", "purpose": "?.{1,1024}", "request_id": WORD,
    "request": "?" + HEX, "request_alg": "?" + ALG, "response": "?" + HEX, "rows": "?int", "status": "int", "code": "?" + WORD,
    "event": "?" + WORD, "subjects": "list512", "upstream": "each", "detail": "any",
}
UPSTREAM = {"head": ".{1,2048}", "index": "int", "leaf_hash": HEX, "log": NAME, "node": NAME, "proof": "list64", "signature": SIGNED}
HEAD = {
    "v": "int", "node": NAME, "log": NAME, "epoch": "int", "size": "int", "root": HEX, "time": TIME, "previous": "?" + HEX,
    "suite": SUITE, "key": KID}
BUNDLE = {
    "format": "yiwang-evidence/1", "request": "any", "answer": ".*", "status": "int", "leaf": ".{1,65536}", "index": "int",
    "proof": "list64", "head": ".{1,2048}", "signature": SIGNED, "request_key": "any",
}
REQUEST = {
    "method": "[A-Z]+", "path": "/[!-~]*", "query": "[!-~]*", "headers": "any", "signature_input": ".+", "signature": "(yw=:.+:)?",
    "body": ".*",
}
KEY = {"kid": KID, "suite": SUITE, "spki": ".+"}
TRUST = {"format": "yiwang-trust/1", "node": NAME, "keys": "any"}
TRUST_KEY = {**KEY, "purpose": "evidence", "not_before": WORD, "not_after": "?" + WORD}
CONSISTENCY = {"format": "yiwang-consistency/1", "first": "any", "second": "any", "proof": "list64"}
SIGNED_HEAD = {"head": ".{1,2048}", "signature": SIGNED}
# what is wrong and what that means: Chinese, English
TEXTS = {
    "file-malformed": ("格式不对：{why}。", "is malformed: {why}."),
    "no-openssl": ("openssl 不能用（{why}）；请安装含国密算法的 OpenSSL 3.0 以上，或用 --openssl 指明路径。",
        "is of no use ({why}); install OpenSSL 3.0 or later with SM2, or give its path with --openssl."),
    "malformed": ("不合规定（{why}）：它被改写过，或者已损坏。", "is not as specified ({why}): it was rewritten, or is damaged."),
    "differs": ("与日志叶所记的不一致（{what}）：这条记录说的不是它。", "differs from the leaf ({what}): the leaf is about another."),
    "answer-changed": ("答复正文的摘要与日志叶所记的不符：答复被改过，或者不是这次调用的答复。",
        "has another digest than the one in the leaf: the answer was changed, or belongs to another call."),
    "answer-unproven": ("日志叶没有答复的摘要：这个答复什么也没证明。", "has no digest in the leaf: it is proven by nothing."),
    "request-digest-differs": ("请求的摘要与日志叶所记的不符：请求被改过。", "has another digest than that in the leaf: it was changed."),
    "request-body-changed": ("请求正文与其 Content-Digest 不符：正文被改过。", "does not match its Content-Digest: the body was changed."),
    "request-signature-wrong": ("不是公钥 {kid} 签的：不能证明请求是该调用方发出的。",
        "was not made by key {kid}: nothing shows that this caller sent the request."),
    "request-signature-unchecked": ("带有签名，却没有可核对它的公钥。", "is there, but no key to check it by."),
    "inclusion-wrong": ("由日志叶、序号 {index} 和证明算出的不是树头里的树根：三者之一被改过，这条记录不在日志的这个位置。",
        "does not lead from the leaf at index {index} to the head's root: one of them was changed; the leaf is not at that place."),
    "head-key-unknown": ("由公钥 {kid} 签署，而信任文件里没有节点 {node} 此时有效的这把公钥：不能证明是该节点签的。",
        "names key {kid}, and the trust file holds no such key of node {node} valid then: nothing shows that the node signed it."),
    "head-signature-wrong": ("不是公钥 {kid} 签的：树头或签名被改过或伪造。", "was not signed by key {kid}: it was changed or forged."),
    "heads-inconsistent": ("大小为 {second} 的树不是由大小为 {first} 的树追加而成：其间日志被改写过。",
        "fails: the tree of size {second} does not extend that of size {first}; the log was rewritten in between."),
}
FACTS = {
    "consumer": "使用方", "client": "调用程序", "provider": "提供方", "resource": "资源", "version": "资源版本", "kind": "方式",
    "grant": "授权", "purpose": "用途", "time": "时间", "rows": "行数", "status": "状态", "code": "拒绝原因", "event": "事件",
    "request_id": "请求编号", "request_signature": "请求签名已核验", "node": "节点", "log": "日志", "index": "序号",
    "head_size": "树的大小", "head_time": "树头时间", "head_key": "签名公钥", "head_suite": "算法",
}
VERDICTS = (("有效", "valid"), ("不成立", "NOT valid"), ("无法核验", "cannot be judged"))
# fmt: on


def _finding(code: str, where: str, **facts: object) -> Finding:
    zh, en = TEXTS.get(code) or TEXTS.get(code.rpartition("-")[2]) or TEXTS["head-key-unknown"]
    return Finding(code, where, zh.format(**facts), en.format(**facts))


def _pairs(pairs: list[tuple[str, object]]) -> Members:
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a key occurs twice")
    return dict(pairs)


def _int(text: str) -> int:
    if len(text) > 17 or not text.lstrip("-").isdigit() or text == "-0" or abs(int(text)) >= 1 << 53:
        raise ValueError("not an integer in range: " + text[:20])
    return int(text)


def _json(text: str) -> object:
    """Strict JSON. Each string has one spelling only, so that a change of any character inside one is a change."""
    value = json.loads(text, object_pairs_hook=_pairs, parse_int=_int, parse_float=_int, parse_constant=_int)
    for spelled in re.findall(r'"(?:[^"\\]|\\.)*"', text):
        meant = json.loads(spelled)
        meant.encode("utf-8")  # refuses a lone surrogate
        if json.dumps(meant, ensure_ascii=False) != spelled != json.dumps(meant):
            raise ValueError("a string is escaped in an unusual way: " + repr(spelled[:40]))
    return value


def _members(value: object, shape: dict[str, str], where: str) -> Members:
    """`value` when it is an object with exactly the members of `shape`. Raises: ValueError naming the wrong one."""
    odd = set(shape) ^ set(value) if isinstance(value, dict) else {"not an object"}
    if odd or not isinstance(value, dict):
        raise ValueError(where + ": " + repr(sorted(odd)))
    for name, rule in shape.items():
        member, kind = value[name], int if rule.endswith("int") else str
        pattern = "[0-9]+" if kind is int else rule.lstrip("?")
        good = type(member) is kind and re.fullmatch(pattern, str(member), re.DOTALL) is not None
        if rule.startswith("list"):
            good = isinstance(member, list) and len(member) <= int(rule[4:])
            good = good and all(re.fullmatch(HEX, str(node)) for node in list(member))
        if rule == "each" and isinstance(member, list):
            good = len(member) <= 8 and all(_members(one, UPSTREAM, where + "." + name) for one in member)
        if not good and rule != "any" and (member is not None or rule[0] != "?"):
            raise ValueError(where + "." + name + ": " + repr(member)[:80])
    return value


def _file(raw: bytes, shape: dict[str, str], where: str) -> Members:
    try:
        if len(raw) > MAX_FILE:
            raise ValueError("too large")
        return _members(_json(raw.decode("utf-8")), shape, where)
    except (ValueError, RecursionError) as error:
        raise ValueError(where + ": " + str(error)[:200]) from None


def _when(text: object) -> datetime.datetime:
    moment = datetime.datetime.fromisoformat(str(text or "9999-12-31T00:00:00Z").replace("Z", "+00:00"))
    if moment.tzinfo is None:
        raise ValueError("no time zone: " + str(text)[:40])
    return moment


def _base64(text: str) -> bytes:
    raw = base64.b64decode(text.encode("ascii"), validate=True)
    if base64.b64encode(raw).decode() != text:
        raise ValueError("not base64 in its one spelling: " + text[:80])
    return raw


def _key(value: object, shape: dict[str, str], where: str) -> Members:
    key = _members(value, shape, where)
    spki = _base64(str(key["spki"]))
    known = re.fullmatch(SPKI[str(key["suite"])], spki.hex())
    if known is None or hashlib.sha256(spki).hexdigest()[:32] != key["kid"]:
        raise ValueError(where + ": spki, suite and kid do not belong together")
    return key


def digest(suite: object, data: bytes) -> bytes:
    """The suite's digest of `data`: SHA-256 for `ed25519` and `hmac-sha256`, SM3 otherwise."""
    with contextlib.suppress(ValueError):
        return hashlib.new("sha256" if suite in ("ed25519", "hmac-sha256") else "sm3", data).digest()
    command = ["openssl", "sm3", "-binary"]  # for a Python that was built without SM3
    return subprocess.run(command, input=data, capture_output=True, check=True, timeout=60).stdout


def climb(suite: object, fn: int, sn: int, seed: bytes, proof: object) -> tuple[bytes, bytes]:
    """The two roots to which the nodes of a proof lead (RFC 9162, 2.1.3.2 and 2.1.4.2); empty for a wrong length.

    The second is the root of the whole tree of size `sn` + 1, the first that of the part up to place `fn`.
    """
    left = right = seed
    for node in map(bytes.fromhex, proof if isinstance(proof, list) else []):
        if sn == 0:
            return b"", b""
        if fn & 1 or fn == sn:
            left, right = digest(suite, b"\x01" + node + left), digest(suite, b"\x01" + node + right)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            right = digest(suite, b"\x01" + right + node)
        fn, sn = fn >> 1, sn >> 1
    return (left, right) if sn == 0 else (b"", b"")


def consistent(suite: object, sizes: list[int], roots: list[str], proof: object) -> bool:
    """Whether the second tree extends the first; `sizes` and `roots` are theirs, in this order."""
    first, second, nodes = *sizes, proof if isinstance(proof, list) else []
    if not 0 < first < second or not nodes:
        old = digest(suite, b"").hex() if first == 0 else roots[1]
        return first in (0, second) and roots[0] == old and not nodes
    path, fn, sn = (nodes if first & (first - 1) else [roots[0], *nodes]), first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    return [root.hex() for root in climb(suite, fn, sn, bytes.fromhex(path[0]), path[1:])] == roots


class _Judge:
    def __init__(self, trust: bytes, openssl: str) -> None:
        self.openssl = openssl
        self.found: list[Finding] = []
        self.facts: Members = {}
        pinned = _file(trust, TRUST, "trust")
        listed = pinned["keys"] if isinstance(pinned["keys"], list) else [None]
        keys = [_key(key, TRUST_KEY, "trust.keys") for key in listed]
        self.node, self.keys = pinned["node"], {key["kid"]: key for key in keys}
        self.ends = {key["kid"]: (_when(key["not_before"]), _when(key["not_after"])) for key in keys}
        if len(self.keys) != len(keys):
            raise ValueError("trust.keys: a key is listed twice")

    def wrong(self, code: str, where: str, **facts: object) -> None:
        self.found.append(_finding(code, where, **facts))

    def same(self, where: str, pairs: dict[str, tuple[object, object]]) -> None:
        for what, (given, recorded) in pairs.items():
            # a refusal may come before its purpose or grant is known
            if given != recorded and recorded is not None:
                self.wrong(what + "-differs", where, what=what)

    def signed(self, key: Members, data: str, signature: bytes) -> bool:
        """Ask openssl. Raises: OSError when it gives no clear answer."""
        with tempfile.TemporaryDirectory(prefix="yw-verify-") as folder:
            parts = {"key": base64.b64decode(str(key["spki"])), "data": data.encode(), "mark": signature}
            for name, content in parts.items():
                Path(folder, name).write_bytes(content)
            command = [self.openssl, *PKEYUTL, *(SM2 if key["suite"] == "sm2-sm3" else ())]
            done = subprocess.run(command, cwd=folder, capture_output=True, timeout=60, check=False)
        said = " ".join((done.stdout + done.stderr).decode("utf-8", "replace").split())
        if "Signature Verification Failure" not in said and "Signature Verified Successfully" not in said:
            raise OSError(said)
        return done.returncode == 0 and "Signature Verified Successfully" in said

    def logged(self, text: object, shape: dict[str, str], where: str) -> Members:
        try:
            value = _members(_json(str(text)), shape, where)
            _when(value.get("time"))
            # every member name is ASCII: the order of code points is that of RFC 8785
            again = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
            if again != text or value["v"] != 1:
                raise ValueError("order, white space or version")
        except (ValueError, RecursionError) as error:
            self.wrong(where.partition(".")[0] + "-malformed", where, why=str(error)[:200])
            return {}
        return value

    def head(self, signed: Members, where: str) -> Members:
        head = self.logged(signed["head"], HEAD, where)
        key = self.keys.get(head.get("key"))
        if head and key is None:
            self.wrong("head-key-unknown", where, kid=head["key"], node=self.node)
        elif key is not None:
            begins, ends = self.ends[key["kid"]]
            if key["suite"] != head["suite"]:
                self.wrong("head-key-suite", where, kid=head["key"], node=self.node)
            elif not begins <= _when(head["time"]) <= ends:
                self.wrong("head-key-period", where, kid=head["key"], node=self.node)
            self.same(where, {"node": (head["node"], self.node)})
            if not self.signed(key, str(signed["head"]), bytes.fromhex(str(signed["signature"]))):
                self.wrong("head-signature-wrong", where, kid=key["kid"])
        return head

    def growth(self, raw: bytes) -> None:
        proof = _file(raw, CONSISTENCY, "consistency")
        heads = [self.head(_members(proof[n], SIGNED_HEAD, n), "head." + n) for n in ("first", "second")]
        if all(heads):
            sizes, roots = [int(str(head["size"])) for head in heads], [str(head["root"]) for head in heads]
            logs = {(head["suite"], head["node"], head["log"]) for head in heads}
            back = int(str(heads[0]["epoch"])) > int(str(heads[1]["epoch"]))
            if len(logs) > 1 or back or not consistent(heads[0]["suite"], sizes, roots, proof["proof"]):
                self.wrong("heads-inconsistent", "consistency", first=sizes[0], second=sizes[1])

    def bundle(self, bundle: Members) -> None:
        index, answer = int(str(bundle["index"])), str(bundle["answer"])
        request = _members(bundle["request"], REQUEST, "request")
        leaf, head = self.logged(bundle["leaf"], LEAF, "leaf"), self.head(bundle, "head")
        if not leaf or not head:
            return
        suite, size = head["suite"], int(str(head["size"]))
        self.facts = {**leaf, **{"head_" + name: value for name, value in head.items()}, "index": index}
        seed = digest(suite, b"\x00" + str(bundle["leaf"]).encode())
        if index >= size or climb(suite, index, size - 1, seed, bundle["proof"])[1].hex() != head["root"]:
            self.wrong("inclusion-wrong", "proof", index=index)
        self.same("head", {name: (head[name], leaf[name]) for name in ("node", "log")})
        self.same("head", {"epoch": (int(str(leaf["epoch"])) > int(str(head["epoch"])), False)})
        self.same("status", {"status": (bundle["status"], leaf["status"])})
        if digest(suite, answer.encode()).hex() != leaf["response"]:
            self.wrong("answer-changed" if leaf["response"] else "answer-unproven", "answer")
        told = leaf["detail"] is None or leaf["kind"] in ("event", "recovery")
        if (leaf["code"] is not None) != (leaf["kind"] == "refusal") or not told:
            self.wrong("leaf-malformed", "leaf", why="code or detail")
        try:
            self.request(request, bundle["request_key"], leaf)
        except ValueError as error:
            self.wrong("request-malformed", "request", why=error)

    def request(self, request: Members, sender: object, leaf: Members) -> None:
        said = SIGNATURE_INPUT.fullmatch(str(request["signature_input"]))
        if said is None:
            raise ValueError("signature_input")
        parameters, kid, suite = said.group(1), said.group(4), said.group(5)
        names = re.findall('"([a-z@-]+)"', parameters.split(")")[0])
        headers = _members(request["headers"], dict.fromkeys(names[3:], VALUE), "request.headers")
        query = "?" + str(request["query"])
        values = [request["method"], request["path"], query, *map(headers.get, names[3:])]
        base = "".join('"' + name + '": ' + str(value) + "\n" for name, value in zip(names, values))  # noqa: B905
        base += '"@signature-params": ' + parameters
        if digest(suite, base.encode()).hex() != leaf["request"]:
            self.wrong("request-digest-differs", "request")
        body = base64.b64encode(digest(suite, str(request["body"]).encode())).decode()
        if headers["content-digest"] != ("sm3" if suite.endswith("sm3") else "sha-256") + "=:" + body + ":":
            self.wrong("request-body-changed", "request.body")
        parts, purpose = str(request["path"]).split("/"), unquote(str(headers["yw-purpose"]))
        stated = {
            "node": (headers["yw-node"], leaf["node"]), "request-key": (kid, leaf["key"] or "—"),
            "request-algorithm": (suite, leaf["request_alg"] or "—"), "purpose": (purpose, leaf["purpose"]),
            "grant": (headers.get("yw-grant", leaf["grant"]), leaf["grant"]),
        }  # fmt: skip
        if parts[:3] == ["", "v1", "resources"] and len(parts) == 5:
            kind = "refusal" if leaf["kind"] == "refusal" else parts[4]
            stated.update(resource=(unquote(parts[3]), leaf["resource"]), kind=(kind, leaf["kind"]))
        self.same("request", stated)
        if sender is None and request["signature"] != "":
            self.wrong("request-signature-unchecked", "request.signature")
        if sender is not None:
            key = _key(sender, KEY, "request_key")
            self.same("request_key", {"request-key": ((key["kid"], key["suite"]), (kid, suite))})
            signature = _base64(str(request["signature"])[4:-1])
            self.facts["request_signature"] = self.signed(key, base, signature)
            if not self.facts["request_signature"]:
                self.wrong("request-signature-wrong", "request.signature", kid=kid)


def verify(bundle: bytes, trust: bytes, consistency: bytes | None = None, openssl: str = "openssl") -> Report:
    """Judge a bundle, and a proof that its log only grew, against pinned keys; all three as the bytes of their files."""
    try:
        judge = _Judge(trust, openssl)
        judge.bundle(_file(bundle, BUNDLE, "bundle"))
        if consistency is not None:
            judge.growth(consistency)
    except (ValueError, RecursionError) as error:
        return Report(2, [_finding("file-malformed", "input", why=str(error)[:300])], {})
    except (OSError, subprocess.SubprocessError) as error:
        return Report(2, [_finding("no-openssl", "openssl", why=error)], {})
    return Report(1 if judge.found else 0, judge.found, judge.facts)


def main(
    argv: list[str] | None = None, judge: Callable[[bytes, bytes, bytes | None, str], Report] = verify
) -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(description="核验一网证据包 · verify a Yiwang evidence bundle")
    parser.add_argument("bundle")
    parser.add_argument("--trust", required=True)
    parser.add_argument("--consistency")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--lang", choices=("zh", "en"), default="zh")
    parser.add_argument("--openssl", default="openssl")
    given = parser.parse_args(argv)
    try:
        grown = Path(given.consistency).read_bytes() if given.consistency else None
        report = judge(Path(given.bundle).read_bytes(), Path(given.trust).read_bytes(), grown, given.openssl)
    except OSError as error:
        report = Report(2, [_finding("file-malformed", str(error.filename), why=error.strerror)], {})
    language = ("zh", "en").index(given.lang)
    if given.json:
        print(json.dumps({**report._asdict(), "findings": [f._asdict() for f in report.findings]}, indent=1))
        return report.exit_code
    print(VERDICTS[report.exit_code][language])
    for finding in report.findings:
        print("  ✗ [" + finding.code + "]", finding.where, finding[2 + language])
    for name, told in ((one, repr(report.facts[one])) for one in FACTS if report.facts.get(one) is not None):
        value = {"True": ("是", "yes"), "False": ("否", "no")}.get(told, (told.strip("'"),) * 2)[language]
        print("  " + (FACTS[name], name.replace("_", " "))[language] + ":", value)
    return report.exit_code


if __name__ == "__main__":
    sys.exit(main())
