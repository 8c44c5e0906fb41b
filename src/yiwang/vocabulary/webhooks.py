"""What a node sends to a webhook, signed by RFC 9421; both the sender's and the receiver's side (docs/specs/subscriptions.md)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Final

from yiwang.vocabulary.crypto import SUITES, PublicKey, SigningKey
from yiwang.vocabulary.crypto.errors import BadSignatureEncoding
from yiwang.vocabulary.envelope import content_digest
from yiwang.vocabulary.errors import YwError

KEY_PURPOSE: Final = "webhooks"
"""Name of the node's key for them."""
WINDOW_SECONDS: Final = 300
TAG: Final = "yw-webhook"
_COVERED: Final = (
    "@method",
    "@target-uri",
    "content-type",
    "content-digest",
    "yw-node",
    "yw-subscription",
    "yw-delivery",
)
_INPUT: Final = re.compile(
    r'yw=(\("@method" "@target-uri" "content-type" "content-digest" "yw-node" "yw-subscription" "yw-delivery"\)'
    r';created=(\d{1,12});keyid="([0-9a-f]{32})";alg="(sm2-sm3|ed25519)";tag="yw-webhook")'
)
_SIGNATURE: Final = re.compile(r"yw=:([A-Za-z0-9+/]{8,200}={0,2}):")


class WebhookInvalid(YwError):
    """What came is not what the node signed."""

    code = "webhook-invalid"
    message_zh = "推送验签失败：{reason}"
    message_en = "The delivery is not proven: {reason}"
    mend_zh = "不要处理它。核对信任的节点公钥、登记的完整地址和本机时钟。"
    mend_en = (
        "Do not act on it. Check the node's key that you trust, the address as registered, and your clock."
    )


def signed_headers(
    key: SigningKey, url: str, body: bytes, *, node: str, subscription: str, delivery: str, created: int
) -> dict[str, str]:
    """All headers of a delivery; `url` exactly as registered, `created` in Unix seconds."""
    headers = {
        "content-type": "application/json",
        "content-digest": content_digest(key.suite, body),
        "yw-node": node,
        "yw-subscription": subscription,
        "yw-delivery": delivery,
    }
    names = " ".join(f'"{name}"' for name in _COVERED)
    parameters = f'({names});created={created};keyid="{key.kid}";alg="{key.suite.name}";tag="{TAG}"'
    signature = base64.b64encode(key.sign(_base(url, headers, parameters))).decode("ascii")
    return headers | {"signature-input": f"yw={parameters}", "signature": f"yw=:{signature}:"}


def verify_delivery(
    keys: Mapping[str, PublicKey], url: str, headers: Mapping[str, str], body: bytes, *, now: int
) -> str:
    """Check a delivery; gives its id, under which a repeated one is known.

    Args:
        keys: keys of the node by kid, from a place that you trust.
        url: the address as it was registered.
        headers: by lower-case name.
        now: Unix seconds.

    Raises: WebhookInvalid.
    """
    found = _INPUT.fullmatch(headers.get("signature-input", ""))
    signed = _SIGNATURE.fullmatch(headers.get("signature", ""))
    if found is None or signed is None:
        raise WebhookInvalid(reason="Signature-Input / Signature")
    if abs(now - int(found[2])) > WINDOW_SECONDS:
        raise WebhookInvalid(reason="created")
    key = keys.get(found[3])
    if key is None or key.suite.name != found[4]:
        raise WebhookInvalid(reason="keyid")
    if headers.get("content-digest") != content_digest(SUITES[found[4]], body):
        raise WebhookInvalid(reason="Content-Digest")
    missing = [name for name in _COVERED if not name.startswith("@") and name not in headers]
    if missing:
        raise WebhookInvalid(reason=missing[0])
    try:
        signature = base64.b64decode(signed[1], validate=True)
        proven = key.verify(_base(url, headers, found[1]), signature)
    except (binascii.Error, ValueError, BadSignatureEncoding):
        proven = False
    if not proven:
        raise WebhookInvalid(reason="Signature")
    return headers["yw-delivery"]


def _base(url: str, headers: Mapping[str, str], parameters: str) -> bytes:
    lines = ['"@method": POST', f'"@target-uri": {url}']
    lines += [f'"{name}": {headers[name]}' for name in _COVERED if not name.startswith("@")]
    lines.append(f'"@signature-params": {parameters}')
    return "\n".join(lines).encode("utf-8")
