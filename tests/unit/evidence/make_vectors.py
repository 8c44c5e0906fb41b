"""Makes docs/specs/vectors/*.json from fixed keys: `.venv/bin/python -m tests.unit.evidence.make_vectors`.

Every value is repeatable (SM2 signatures use a derived k, see `reference_sm2`), so a run without a change of the
specification changes no file. All keys are test-only.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from tests.unit.crypto import reference_sm2
from tests.unit.evidence import exchanges
from tests.unit.evidence.exchanges import (
    CLIENT_D,
    CLIENT_SEED,
    CODE,
    LOG,
    NODE,
    NODE_D,
    NODE_SEED,
    TIME,
    client_key,
    exchange,
    node_key,
    request_of,
)
from tests.unit.evidence.session_exchange import (
    SECRET,
    SESSION,
    answer_of,
    call_of,
    keys_of,
    opening_of,
    session_exchange,
)
from yiwang.vocabulary.canonical import canonical
from yiwang.vocabulary.crypto import SUITES, Suite, hkdf, suite
from yiwang.vocabulary.envelope import EnvelopeError, header_source, parse_request
from yiwang.vocabulary.evidence import (
    Bundle,
    Head,
    Recovery,
    instant_text,
    sign_head,
    subject_commitment,
    verify_bundle,
)
from yiwang.vocabulary.merkle import Frontier, consistency_proof, leaf_hash
from yiwang.vocabulary.sessions import SessionBundle, answer_header, answer_text, verify_session_bundle

Vector: TypeAlias = dict[str, object]
DIRECTORY = Path(__file__).resolve().parents[3] / "docs" / "specs" / "vectors"
NOTE = "test-only keys: published here, never to be used for anything else"


def crypto() -> Vector:
    d, seed = CLIENT_D, CLIENT_SEED
    x, y = reference_sm2.public_point(d)
    message = b"message digest"
    return {
        "note": NOTE,
        "sm2": {
            "private": f"{d:064x}",
            "spki": reference_sm2.spki_of(d).hex(),
            "kid": client_key("sm2-sm3").kid,
            "id": "1234567812345678",
            "z": reference_sm2.z_of(x, y).hex(),
            "message": message.decode(),
            "e": SUITES["sm2-sm3"].digest(reference_sm2.z_of(x, y) + message).hex(),
            "signature": client_key("sm2-sm3").sign(message).hex(),
        },
        "ed25519": {
            "private": seed.hex(),
            "spki": client_key("ed25519").public.spki_der.hex(),
            "kid": client_key("ed25519").kid,
            "message": message.decode(),
            "signature": client_key("ed25519").sign(message).hex(),
        },
        "digests": [
            {"suite": name, "text": text, "digest": suite(name).digest(text.encode()).hex()}
            for name in sorted(SUITES)
            for text in ("", "abc", "abcd" * 16, "一网")
        ],
        "canonical_json": [
            {"value": value, "text": canonical(value).decode()}
            for value in (
                {"b": 1, "a": [True, None, -7], "é": "\u20ac", "😀": 1, "\ufb33": 2},
                '\u0000\b\t\n\u000b\f\r\u001f\u007f"\\/\u2028',
                {"": {}, "n": 9007199254740991},
            )
        ],
    }


CHANGES: list[tuple[str, str, Callable[[str], str]]] = [
    ("another label", "Signature-Input", lambda v: v.replace("yw=", "sig1=")),
    ("a second signature", "Signature-Input", lambda v: v + ', sig1=("@method")'),
    ("purpose not covered", "Signature-Input", lambda v: v.replace(' "yw-purpose"', "")),
    ("a grant sent but not covered", "Signature-Input", lambda v: v.replace(' "yw-grant"', "")),
    ("another order", "Signature-Input", lambda v: v.replace('"@method" "@path"', '"@path" "@method"')),
    ("an unknown component", "Signature-Input", lambda v: v.replace('"@path"', '"@target-uri"')),
    ("no created", "Signature-Input", lambda v: v.replace(f";created={exchanges.CREATED}", "")),
    ("an unknown parameter", "Signature-Input", lambda v: v + ";expires=1"),
    ("a short nonce", "Signature-Input", lambda v: v.replace("AAECAwQFBgcICQoLDA0ODw", "AAECAw")),
    ("an unknown algorithm", "Signature-Input", lambda v: v.replace('alg="', 'alg="x')),
    ("another alphabet", "Signature", lambda v: v[:4] + "-_" + v[6:]),
    ("a digest by another hash", "Content-Digest", lambda v: "md5" + v[v.index("=") :]),
    ("a purpose of another form", "YW-Purpose", lambda v: v.replace("item:", "")),
    ("a needless percent-encoding", "YW-Purpose", lambda v: v.replace("item", "%69tem")),
    ("an upper-case node", "YW-Node", lambda v: v.upper()),
]


def envelope_refusals(name: str) -> list[Vector]:
    request = request_of(name)
    found: list[Vector] = []
    for title, header, change in CHANGES:
        headers = request.http_headers()
        headers[header] = change(headers[header])
        try:
            parse_request(request.method, request.path, request.query, header_source(headers.items()))
        except EnvelopeError as problem:
            found.append({"title": title, "header": header, "value": headers[header], "code": problem.code})
        else:
            raise AssertionError(title)
    return found


def envelope() -> Vector:
    cases: list[Vector] = []
    for name in sorted(SUITES):
        request = request_of(name)
        cases.append(
            {
                "suite": name,
                "public_key": base64.b64encode(client_key(name).public.spki_der).decode(),
                "method": request.method,
                "path": request.path,
                "query": request.query,
                "body": request.body.decode(),
                "headers": request.http_headers(),
                "signature_base": request.base.decode(),
                "request_digest": suite(name).digest(request.base).hex(),
                "refused": envelope_refusals(name),
            }
        )
    return {"note": NOTE, "cases": cases}


def merkle_of(one: Suite) -> Vector:
    data = [b"leaf %d" % n for n in range(7)]
    leaves = [leaf_hash(one, item) for item in data]
    every = {(node.level, node.position): node.hash for node in Frontier(one).grow(leaves).nodes}
    trees: list[Vector] = []
    for size in range(len(leaves) + 1):
        grown = Frontier(one).grow(leaves[:size])
        consistency = {
            str(old): [part.hex() for part in consistency_proof(one, old, size, lambda *at: every[at])]
            for old in range(1, size + 1)
        }
        trees.append(
            {
                "size": size,
                "root": grown.root.hex(),
                "inclusion": [[part.hex() for part in proof] for proof in grown.proofs],
                "consistency_from": consistency,
            }
        )
    return {
        "hash": one.hash_name,
        "leaf_data": [item.decode() for item in data],
        "leaf_hashes": [leaf.hex() for leaf in leaves],
        "trees": trees,
    }


def merkle() -> Vector:
    return {"hashes": [merkle_of(suite(name)) for name in sorted(SUITES)]}


def evidence_of(name: str) -> Vector:
    made = exchange(name)
    one = suite(name)
    bundle = json.loads(made.bundle.to_json())
    stated = recovery(name)
    return {
        "suite": name,
        "leaf_hash": made.leaf.hash(one).hex(),
        "subject": {
            "salt": bytes(range(16)).hex(),
            "resource": CODE,
            "field": "统一社会信用代码",
            "value": "91370100964709014M",
            "commitment": subject_commitment(
                one, bytes(range(16)), CODE, "统一社会信用代码", "91370100964709014M"
            ),
        },
        "head_digest": one.digest(made.bundle.head.encode()).hex(),
        "yw_evidence_header": made.receipt.header(),
        "bundle": bundle,
        "trust": json.loads(made.trust.to_json()),
        "invalid": [invalid(made.bundle, name, *lie) for lie in LIES],
        "recovery": stated,
    }


LIES: list[tuple[str, str, Callable[[object], object]]] = [
    ("an answer with one more space", "answer", lambda v: f"{v} "),
    ("another status", "status", lambda _: 404),
    ("another place", "index", lambda _: 2),
    ("a leaf with another count of rows", "leaf", lambda v: str(v).replace('"rows":1', '"rows":2')),
    ("a leaf written with a space", "leaf", lambda v: str(v).replace(":", ": ", 1)),
    ("a head of another size", "head", lambda v: str(v).replace('"size":5', '"size":4')),
    ("a head from before the key", "head", lambda v: str(v).replace("2026-11-21", "2020-11-21")),
    ("a request with another body", "request.body", lambda v: str(v).replace("企业名称", "住所")),
    ("a request by another method", "request.method", lambda _: "PUT"),
    ("no key but a signature", "request_key", lambda _: None),
]


def changed(value: dict[str, Any], member: str, change: Callable[[object], object]) -> object:
    """Change one member in place, by its path; gives what it is now."""
    *path, last = member.split(".")
    for part in path:
        value = value[part]
    value[last] = change(value[last])
    return value[last]


def invalid(bundle: Bundle, name: str, title: str, member: str, change: Callable[[object], object]) -> Vector:
    value = json.loads(bundle.to_json())
    lied = changed(value, member, change)
    findings = verify_bundle(msgspec.convert(value, Bundle), exchange(name).trust)
    return {
        "title": title,
        "member": member,
        "value": lied,
        "findings": sorted({finding.code for finding in findings}),
    }


def recovery(name: str) -> Vector:
    """A log of 9 leaves restored to 4; the fifth leaf of the new epoch's tree is the statement."""
    one = suite(name)
    leaves = [leaf_hash(one, b"leaf %d" % n) for n in range(9)]
    before, after = Frontier(one).grow(leaves), Frontier(one).grow(leaves[:4])
    old_head = exchanges.head_of(before, name)
    stated = Recovery(
        last_known_root=before.root.hex(),
        last_known_size=9,
        old_root=after.root.hex(),
        old_size=4,
        reason="数据库恢复到 2026-11-20 的备份",
    )
    leaf = exchanges.recovery_leaf(stated)
    grown = after.frontier.grow([leaf.hash(one)])
    key = node_key(name)
    head = sign_head(
        Head(
            epoch=2,
            key=key.kid,
            log=LOG,
            node=NODE,
            previous=one.digest(old_head.head.encode()).hex(),
            root=grown.root.hex(),
            size=5,
            suite="sm2-sm3" if name == "sm2-sm3" else "ed25519",
            time=instant_text(TIME + timedelta(hours=1)),
        ),
        key,
    )
    return {
        "old_head": msgspec.to_builtins(old_head),
        "leaf": leaf.canonical().decode(),
        "index": 4,
        "proof": [part.hex() for part in grown.proofs[0]],
        "head": msgspec.to_builtins(head),
        "consistency_from_4": [leaf.hash(one).hex()],
    }


def evidence() -> Vector:
    return {
        "note": NOTE,
        "private_keys": private_keys(),
        "cases": [evidence_of(name) for name in sorted(SUITES)],
    }


def private_keys() -> Vector:
    return {
        "client_sm2": f"{CLIENT_D:064x}",
        "node_sm2": f"{NODE_D:064x}",
        "client_ed25519": CLIENT_SEED.hex(),
        "node_ed25519": NODE_SEED.hex(),
    }


SESSION_LIES: list[tuple[str, str, Callable[[object], object]]] = [
    ("another answer", "call.answer", lambda v: f"{v} "),
    (
        "a call of another session",
        "call.request.signature_input",
        lambda v: str(v).replace("0f1e2d3c", "0f1e2d3d"),
    ),
    ("another number", "call.request.signature_input", lambda v: str(v).replace("042", "043")),
    (
        "a statement of another record",
        "countersignature.statement",
        lambda v: str(v).replace('"calls":2', '"calls":3'),
    ),
    ("a statement with a space", "countersignature.statement", lambda v: str(v).replace(":", ": ", 1)),
    (
        "a statement of another head",
        "countersignature.statement",
        lambda v: str(v).replace('"size":6', '"size":5'),
    ),
    ("a call that was not received", "countersignature.received", lambda _: False),
    ("another place", "countersignature.place", lambda _: 0),
    ("a handshake without its key", "opening.request_key", lambda _: None),
    ("a handshake for another code", "opening.answer", lambda v: str(v).replace('"idle":300', '"idle":30')),
]


def sessions_of(name: str) -> Vector:
    one, made = suite(name), session_exchange(name)
    opening, call = opening_of(name), call_of(name)
    answer = answer_of(name)
    keys = hkdf(
        one, SECRET, salt=one.digest(opening.base), info=b"yw-session/1 " + one.digest(answer), size=64
    )
    request, response = one.digest(call.base).hex(), one.digest(exchanges.ANSWER).hex()
    text = answer_text(SESSION, request, status=200, request_id="req-1", index=5, response=response)
    return {
        "suite": name,
        "opening_digest": one.digest(opening.base).hex(),
        "opening_answer": answer.decode(),
        "secret": SECRET.hex(),
        "key_caller": keys[:32].hex(),
        "key_node": keys[32:].hex(),
        "request": {
            "headers": call.http_headers(),
            "body": call.body.decode(),
            "signature_base": call.base.decode(),
        },
        "answer_text": text.decode(),
        "yw_session_header": answer_header(5, keys_of(name).node.code(text)),
        "entries": [entry.text().decode() for entry in made.entries],
        "record": made.statement.record,
        "statement": made.statement.canonical().decode(),
        "bundle": json.loads(made.bundle.to_json()),
        "trust": json.loads(made.trust.to_json()),
        "invalid": [session_invalid(name, *lie) for lie in SESSION_LIES],
    }


def session_invalid(name: str, title: str, member: str, change: Callable[[object], object]) -> Vector:
    made = session_exchange(name)
    value = json.loads(made.bundle.to_json())
    lied = changed(value, member, change)
    findings = verify_session_bundle(msgspec.convert(value, SessionBundle), made.trust)
    codes = sorted({finding.code for finding in findings})
    return {"title": title, "member": member, "value": lied, "findings": codes}


def sessions() -> Vector:
    return {"note": NOTE, "cases": [sessions_of(name) for name in sorted(SUITES)]}


FILES: Mapping[str, Callable[[], Vector]] = {
    "crypto.json": crypto,
    "envelope.json": envelope,
    "merkle.json": merkle,
    "evidence.json": evidence,
    "sessions.json": sessions,
}


def text_of(vector: Vector) -> str:
    return json.dumps(vector, ensure_ascii=False, indent=1) + "\n"


def main() -> None:
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    for name, make in FILES.items():
        (DIRECTORY / name).write_text(text_of(make()), encoding="utf-8")


if __name__ == "__main__":
    main()
