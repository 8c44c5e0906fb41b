"""Evidence of an exchange: leaf, tree head, receipt, bundle, trust, and their verification (docs/specs/evidence.md)."""

from yiwang.vocabulary.evidence.bundle import (
    BUNDLE_FORMAT,
    TRUST_FORMAT,
    Bundle,
    BundleRequest,
    RequestKey,
    Trust,
    TrustKey,
    bundle_of,
    parse_bundle,
    parse_trust,
    trust_of,
)
from yiwang.vocabulary.evidence.errors import (
    BundleMalformed,
    EvidenceError,
    HeadMalformed,
    LeafMalformed,
    ReceiptMalformed,
    TrustMalformed,
)
from yiwang.vocabulary.evidence.findings import FINDINGS, Finding
from yiwang.vocabulary.evidence.head import Head, Receipt, SignedHead, parse_head, sign_head
from yiwang.vocabulary.evidence.leaf import (
    Kind,
    Leaf,
    Recovery,
    SuiteName,
    instant_text,
    parse_instant,
    parse_leaf,
    subject_commitment,
)
from yiwang.vocabulary.evidence.verification import compare_heads, verify_bundle, verify_head

__all__ = [
    "BUNDLE_FORMAT",
    "FINDINGS",
    "TRUST_FORMAT",
    "Bundle",
    "BundleMalformed",
    "BundleRequest",
    "EvidenceError",
    "Finding",
    "Head",
    "HeadMalformed",
    "Kind",
    "Leaf",
    "LeafMalformed",
    "Receipt",
    "ReceiptMalformed",
    "Recovery",
    "RequestKey",
    "SignedHead",
    "SuiteName",
    "Trust",
    "TrustKey",
    "TrustMalformed",
    "bundle_of",
    "compare_heads",
    "instant_text",
    "parse_bundle",
    "parse_head",
    "parse_instant",
    "parse_leaf",
    "parse_trust",
    "sign_head",
    "subject_commitment",
    "trust_of",
    "verify_bundle",
    "verify_head",
]
