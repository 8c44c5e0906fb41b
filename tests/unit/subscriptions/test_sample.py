"""The receiver's sample in the how-to stands alone and checks what the node signs."""

from __future__ import annotations

import base64
import re
import time
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature

from yiwang.vocabulary.crypto import generate
from yiwang.vocabulary.webhooks import signed_headers, verify_delivery

PAGE = Path(__file__).resolve().parents[3] / "docs" / "howto" / "subscribe-to-changes.md"
URL = "https://hook.example.cn/yiwang?token=x"


def test_the_sample_takes_what_is_signed_and_nothing_else() -> None:
    (sample,) = [
        one for one in re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL) if "KEYS" in one
    ]
    room: dict[str, Any] = {}
    exec(sample, room)
    key, body = generate("ed25519"), b'{"events":[]}'
    room["KEYS"] = {key.kid: base64.b64encode(key.public.spki_der).decode()}
    headers = signed_headers(
        key, URL, body, node="lanzhou", subscription="sub-1", delivery="tag-1-2", created=int(time.time())
    )
    assert room["check"](URL, headers, body) == "tag-1-2"
    assert verify_delivery({key.kid: key.public}, URL, headers, body, now=int(time.time())) == "tag-1-2"
    for url, told, sent in (
        (URL + "y", headers, body), (URL, headers | {"yw-node": "other"}, body), (URL, headers, body + b" "),
    ):  # fmt: skip
        with pytest.raises((AssertionError, InvalidSignature)):
            room["check"](url, told, sent)
