"""The evidence of one answer: checked when the answer arrives, kept by whoever may have to prove it."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from yiwang.client.errors import EvidenceInvalid, KeyNotTrusted
from yiwang.client.trust import Anchor
from yiwang.vocabulary.canonical import canonical
from yiwang.vocabulary.crypto import SUITES, PublicKey, SigningKey
from yiwang.vocabulary.envelope import OutgoingRequest
from yiwang.vocabulary.evidence import (
    Bundle,
    Finding,
    Head,
    Leaf,
    Receipt,
    Trust,
    bundle_of,
    parse_head,
    parse_leaf,
    verify_bundle,
)
from yiwang.vocabulary.evidence.errors import EvidenceError
from yiwang.vocabulary.merkle import leaf_hash


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """The caller's word that an answer arrived. `signature` is hexadecimal, over `ack_text`."""

    log: str
    index: int
    leaf_hash: str
    signature: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """Evidence that was verified; an answer whose evidence does not prove it is never handed over.

    Attributes:
        leaf: what the node recorded.
        index: the leaf's place in its log.
        head: the signed tree head in which it is included.
        trust: `pinned` when a trust file vouches for the node's key, `first-use` when only the gateway itself does.
    """

    leaf: Leaf
    index: int
    head: Head
    trust: Anchor
    _bundle: Bundle

    @property
    def verified(self) -> bool:
        """Always true: it was verified before it came into being. How far that reaches, `trust` says."""
        return True

    def bundle(self) -> Bundle:
        """Everything needed to prove the exchange to a third party, request and answer included."""
        return self._bundle

    def save(self, path: str | Path) -> Path:
        """Write the bundle, readable by its owner alone, since it holds the answer. Returns the path."""
        return save(self._bundle.to_json(), path)

    def acknowledge(self, key: SigningKey) -> Acknowledgement:
        """Countersign the receipt."""
        digest = leaf_hash_of(self.leaf, self.head)
        signature = key.sign(ack_text(self.leaf.log, self.index, digest)).hex()
        return Acknowledgement(self.leaf.log, self.index, digest, signature)


def save(content: bytes, path: str | Path) -> Path:
    """Write a file whole or not at all, readable by its owner alone. Returns the path. Raises: OSError."""
    target = Path(path)
    number, name = tempfile.mkstemp(dir=target.parent or Path(), prefix=f".{target.name}.")
    try:
        with os.fdopen(number, "wb") as file:
            file.write(content)
        Path(name).replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
    return target


def leaf_hash_of(leaf: Leaf, head: Head) -> str:
    """The leaf's hash in its log, lower-case hexadecimal."""
    return leaf_hash(SUITES[head.suite], leaf.canonical()).hex()


def ack_text(log: str, index: int, digest: str) -> bytes:
    """What the caller signs to acknowledge a receipt: canonical JSON of log, index and leaf hash."""
    return canonical({"index": index, "leaf_hash": digest, "log": log})


def check_answer(
    sent: OutgoingRequest,
    key: PublicKey,
    *,
    status: int,
    body: bytes,
    header: str | None,
    trust: Trust,
    anchor: Anchor,
    request_id: str,
) -> Evidence:
    """Verify what came with an answer to the request that was sent.

    Raises:
        EvidenceInvalid: there is no evidence, or it does not prove this answer to this request.
        KeyNotTrusted: it is signed by a key that is not trusted.
    """
    if header is None:
        raise EvidenceInvalid(
            findings="没有 YW-Evidence",
            findings_en="there is no YW-Evidence",
            request_id=request_id,
            codes=["evidence-missing"],
        )
    try:
        receipt = Receipt.from_header(header)
        # the request was signed by this very key a moment ago: no need to verify that signature
        findings = verify_bundle(bundle_of(sent, None, status, body, receipt), trust)
        leaf, head = parse_leaf(receipt.leaf), parse_head(receipt.head)
    except EvidenceError as problem:
        raise EvidenceInvalid(
            findings=problem.text("zh"), findings_en=problem.text("en"), request_id=request_id, codes=[problem.code]
        ) from problem  # fmt: skip
    if any(finding.code == "head-key-unknown" for finding in findings):
        named = {"pinned": "信任文件 / the trust file", "first-use": "首次所见的密钥 / the key seen first"}[
            anchor
        ]
        raise KeyNotTrusted(kid=head.key, trust=named, findings="head-key-unknown", request_id=request_id)
    refuse(findings, request_id)
    return Evidence(leaf, receipt.index, head, anchor, bundle_of(sent, key, status, body, receipt))


def refuse(findings: Sequence[Finding], request_id: str) -> None:
    """Nothing may be wrong. Raises: EvidenceInvalid, naming what is."""
    if findings:
        raise EvidenceInvalid(
            findings="；".join(f"{finding.where}：{finding.text('zh')}" for finding in findings),
            findings_en="; ".join(f"{finding.where}: {finding.text('en')}" for finding in findings),
            request_id=request_id,
            codes=[finding.code for finding in findings],
        )


def agree(evidence: Evidence, **stated: str | int | None) -> None:
    """The leaf says of the exchange what the answer says.

    Raises:
        EvidenceInvalid: naming the members on which they differ.
    """
    leaf = evidence.leaf
    told: dict[str, str | int | None] = {
        "kind": leaf.kind, "resource": leaf.resource, "version": leaf.version, "rows": leaf.rows,
        "request_id": leaf.request_id, "code": leaf.code,
    }  # fmt: skip
    odd = [name for name, value in stated.items() if told[name] != value]
    if odd:
        raise EvidenceInvalid(
            findings="存证记录与答复不一致：" + "、".join(odd),
            findings_en="leaf and answer differ in " + ", ".join(odd),
            request_id=leaf.request_id,
            codes=["answer-contradicts"],
        )
