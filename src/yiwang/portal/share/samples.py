"""Code samples of a grant: what a developer pastes. They are run by tests against the envelope's own reader."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from django.conf import settings
from django.utils.safestring import SafeString

from yiwang.portal import code

Language = Literal["python", "shell", "json"]


@dataclass(frozen=True)
class Sample:
    """One tab of the code panel."""

    key: str
    name: str
    language: Language
    text: str

    @property
    def lines(self) -> list[SafeString]:
        """The text, line by line, with its words marked."""
        return code.lines(self.text, self.language)


@dataclass(frozen=True)
class Call:
    """What the samples call. `given` are the look-up values, `claims` those to check (verify alone)."""

    mode: Literal["query", "verify"]
    resource: str
    grant: str
    purpose: str
    given: dict[str, str]
    fields: tuple[str, ...]
    claims: dict[str, str]

    @property
    def body(self) -> dict[str, object]:
        """The body of the request."""
        if self.mode == "verify":
            return {"subject": self.given, "claims": self.claims}
        return {"where": self.given, "fields": list(self.fields)}


def samples(call: Call, kid: str = "") -> tuple[Sample, ...]:
    """Python, the command line, and a shell script that needs only curl and OpenSSL 3."""
    return (
        Sample("python", "Python", "python", _python(call)),
        Sample("cli", "yw client", "shell", _command(call)),
        Sample("curl", "curl + OpenSSL", "shell", _curl(call, kid)),
    )


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _python(call: Call) -> str:
    head = (
        "from yiwang.client import Client\n\n"
        "# signs, retries, verifies the evidence\n"
        f'yw = Client(\n    "{settings.YW_GATEWAY_URL}",\n    key="client.pem",\n    trust="trust.json",\n)\n'
        f"answer = yw.{call.mode}(\n"
        f"    {_text(call.resource)},\n"
    )
    if call.mode == "verify":
        middle = f"    subject={_text(call.given)},\n    claims={_text(call.claims)},\n"
        tail = "print(answer.claims)\n"
    else:
        middle = f"    where={_text(call.given)},\n    fields={_listed(call.fields)},\n"
        tail = "print(answer.rows)\n"
    end = f"    purpose={_text(call.purpose)},\n    grant={_text(call.grant)},\n)\n"
    return head + middle + end + tail + 'answer.evidence.save("e.json")\n'


def _listed(names: tuple[str, ...]) -> str:
    """A list, one name a line where there are many."""
    if len(names) < 4:
        return _text(list(names))
    return "[\n" + "".join(f"        {_text(name)},\n" for name in names) + "    ]"


def _command(call: Call) -> str:
    words = [f"./yw client {call.mode} {shlex.quote(call.resource)}"]
    if call.mode == "verify":
        words += [f"--subject {shlex.quote(f'{k}={v}')}" for k, v in call.given.items()]
        words += [f"--claim {shlex.quote(f'{k}={v}')}" for k, v in call.claims.items()]
    else:
        words += [f"--where {shlex.quote(f'{k}={v}')}" for k, v in call.given.items()]
    words += [
        f"--purpose {shlex.quote(call.purpose)}",
        f"--grant {call.grant}",
        "--key client.pem",
        f"--gateway {settings.YW_GATEWAY_URL}",
        "--evidence e.json",
    ]
    verify = "# check the evidence with the keys you pinned\n./yw evidence verify e.json --trust trust.json\n"
    return " \\\n  ".join(words) + "\n\n" + verify


def _curl(call: Call, kid: str) -> str:
    path = f"/v1/resources/{quote(call.resource, safe='')}/{call.mode}"
    key_id = (
        kid or "$(openssl pkey -in client.pem -pubout -outform DER | openssl dgst -sha256 -r | cut -c1-32)"
    )
    return f"""# needs curl and OpenSSL 3; client.pem is an SM2 key
BODY={shlex.quote(_text(call.body))}
KID={key_id}
DIGEST="sm3=:$(printf %s "$BODY" | openssl dgst -sm3 -binary | base64 -w0):"
PURPOSE={shlex.quote(quote(call.purpose, safe=":#;=-._~"))}
IDEM=$(openssl rand -hex 16)
NONCE=$(openssl rand -base64 18 | tr '+/' '-_')
PARAMS='("@method" "@path" "@query" "content-digest" "yw-node" "yw-purpose" "yw-grant" "idempotency-key")'
PARAMS="$PARAMS;created=$(date +%s);nonce=\\"$NONCE\\";keyid=\\"$KID\\";alg=\\"sm2-sm3\\""
BASE='"@method": POST
"@path": {path}
"@query": ?
"content-digest": '"$DIGEST"'
"yw-node": {settings.YW_NODE}
"yw-purpose": '"$PURPOSE"'
"yw-grant": {call.grant}
"idempotency-key": '"$IDEM"'
"@signature-params": '"$PARAMS"
SIGNATURE=$(printf %s "$BASE" > base.txt; openssl pkeyutl -sign -inkey client.pem -rawin -in base.txt \\
  -digest sm3 -pkeyopt distid:1234567812345678 | base64 -w0)
curl -sS {shlex.quote(str(settings.YW_GATEWAY_URL) + path)} -H 'Content-Type: application/json' \\
  -H "Content-Digest: $DIGEST" -H 'YW-Node: {settings.YW_NODE}' -H "YW-Purpose: $PURPOSE" \\
  -H 'YW-Grant: {call.grant}' -H "Idempotency-Key: $IDEM" \\
  -H "Signature-Input: yw=$PARAMS" -H "Signature: yw=:$SIGNATURE:" --data-raw "$BODY"
"""
