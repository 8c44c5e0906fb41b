"""Ready code for a grant: what its page shows, and what `yw client sign` prints. Tests run every kind of it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import quote, urlsplit

from yiwang.client.where import Scalar, Where
from yiwang.vocabulary.envelope import OutgoingRequest, Purpose
from yiwang.vocabulary.envelope.profile import component_list

_SHELL = r"""#!/bin/sh
# %(about)s
set -eu
key=${1:?sh call.sh KEY.pem}
gateway=%(gateway)s
node=%(node)s
path=%(path)s
base=$(printf '%%s' "$gateway" | sed 's,^[a-z]*://[^/]*,,')
purpose=%(purpose)s
%(grant)sbody=%(body)s

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf '%%s' "$body" > "$work/body"
openssl pkey -in "$key" -pubout -outform DER -out "$work/public"
kid=$(openssl dgst -sha256 -r "$work/public" | cut -c1-32)
if openssl pkey -in "$key" -noout -text | grep -qi ed25519; then
  alg=ed25519 label=sha-256 hash=sha256
  set --
else
  alg=sm2-sm3 label=sm3 hash=sm3
  set -- -digest sm3 -pkeyopt distid:1234567812345678
fi
digest="$label=:$(openssl dgst -$hash -binary "$work/body" | openssl base64 -A):"
once=$(openssl rand -hex 16)
parameters="%(components)s;created=$(date +%%s);nonce=\"$(openssl rand -hex 16)\";keyid=\"$kid\";alg=\"$alg\""
{
  printf '"@method": POST\n"@path": %%s\n"@query": ?\n' "$base$path"
  printf '"content-digest": %%s\n"yw-node": %%s\n"yw-purpose": %%s\n' "$digest" "$node" "$purpose"
%(grant_line)s  printf '"idempotency-key": %%s\n"@signature-params": %%s' "$once" "$parameters"
} > "$work/base"
signature=$(openssl pkeyutl -sign -inkey "$key" -rawin -in "$work/base" "$@" | openssl base64 -A)

curl -sS -X POST "$gateway$path" \
  -H 'Content-Type: application/json' \
  -H "Content-Digest: $digest" \
  -H "YW-Node: $node" \
  -H "YW-Purpose: $purpose" \
%(grant_header)s  -H "Idempotency-Key: $once" \
  -H "Signature-Input: yw=$parameters" \
  -H "Signature: yw=:$signature:" \
  --data-binary "@$work/body"
"""
_ASK_NODE = (
    '$(curl -sS "$gateway/.well-known/yiwang" | sed -n \'s/.*"node" *: *"\\([a-z0-9.-]*\\)".*/\\1/p\')'
)


_SHELL_ABOUT = {
    "zh": "调用一次资源：只用 openssl（3.0 以上）和 curl，私钥为 SM2 或 Ed25519 均可。用法：sh call.sh 私钥.pem",
    "en": "Calls a resource once with openssl (3.0 or later) and curl; the key is SM2 or Ed25519. Run: sh call.sh key.pem",
}
_INSIDE = {
    "zh": "签名、重试、核验凭证都在里面",
    "en": "it signs, tries again, and checks the evidence by itself",
}


@dataclass(frozen=True)
class Sample:
    """A call that code is wanted for. `given` are the look-up values: `where` of a query, `subject` of a check."""

    code: str
    given: Where
    purpose: str
    gateway: str
    mode: Literal["query", "verify"] = "query"
    fields: Sequence[str] | None = None
    claims: Mapping[str, Scalar] = field(default_factory=dict)
    grant: str | None = None
    node: str | None = None
    language: Literal["zh", "en"] = "zh"
    """Of the comments."""

    @property
    def path(self) -> str:
        """The path of the call."""
        return f"/v1/resources/{quote(self.code, safe='')}/{self.mode}"

    @property
    def body(self) -> str:
        """The body of the call."""
        if self.mode == "query":
            return query_body(self.given, self.fields)
        asked = {"subject": self.given, "claims": dict(self.claims)}
        return json.dumps(asked, ensure_ascii=False, separators=(",", ":"))


def curl_sample(call: Sample) -> str:
    """A shell script that signs with openssl and calls with curl; its one argument is the private key's file.

    Without `node` the script asks the gateway for its name.

    Raises:
        PurposeMalformed: the purpose is none.
    """
    grant = call.grant
    named = ("content-digest", "yw-node", "yw-purpose", *(("yw-grant",) if grant else ()), "idempotency-key")
    components = component_list(dict.fromkeys(named, ""))
    return _SHELL % {
        "about": _SHELL_ABOUT[call.language],
        "gateway": shlex.quote(call.gateway.rstrip("/")),
        "node": shlex.quote(call.node) if call.node else _ASK_NODE,
        "path": shlex.quote(call.path),
        "purpose": shlex.quote(Purpose.parse(call.purpose).header),
        "body": shlex.quote(call.body),
        "components": components.replace('"', '\\"'),
        "grant": f"grant={shlex.quote(grant)}\n" if grant else "",
        "grant_line": '  printf \'"yw-grant": %s\\n\' "$grant"\n' if grant else "",
        "grant_header": '  -H "YW-Grant: $grant" \\\n' if grant else "",
    }


def python_sample(call: Sample, *, key: str = "client.pem", trust: str | None = "trust.json") -> str:
    """A Python program that prints the answer and keeps the evidence; `key` and `trust` are files beside it.

    Raises:
        PurposeMalformed: the purpose is none.
    """
    settings = [
        _literal(call.gateway),
        f"key={_literal(key)}",
        *([f"trust={_literal(trust)}"] if trust else []),
    ]
    if call.mode == "query":
        arguments = [f"where={_literal(call.given)}"]
        arguments += [f"fields={_spread(call.fields)}"] if call.fields is not None else []
        tail = ["for row in answer.rows:", "    print(row)"]
    else:
        arguments = [f"subject={_literal(call.given)}", f"claims={_literal(call.claims)}"]
        tail = ["print(answer.claims)"]
    arguments += [f"purpose={_literal(Purpose.parse(call.purpose).text)}"]
    arguments += [f"grant={_literal(call.grant)}"] if call.grant else []
    lines = [
        "from yiwang.client import Client",
        "",
        f"# {_INSIDE[call.language]}",
        "with Client(",
        *(f"    {setting}," for setting in settings),
        ") as client:",
        f"    answer = client.{call.mode}(",
        f"        {_literal(call.code)},",
        *(f"        {argument}," for argument in arguments),
        "    )",
        "",
        *tail,
        'answer.evidence.save("e.json")',
        "",
    ]
    return "\n".join(lines)


def command_sample(call: Sample, *, key: str = "client.pem", trust: str | None = "trust.json") -> str:
    """The same call by `yw client`, and the check of its evidence."""
    words = [f"./yw client {call.mode} {shlex.quote(call.code)}"]
    for name, value in call.given.items():
        flag = "--where" if call.mode == "query" else "--subject"
        for operator, wanted in value.items() if isinstance(value, Mapping) else [("", value)]:
            label = f"{name}:{operator}" if operator else name
            shown = ",".join(map(str, wanted)) if isinstance(wanted, list | tuple) else str(wanted)
            words.append(f"{flag} {shlex.quote(f'{label}={shown}')}")
    words += [f"--claim {shlex.quote(f'{name}={value}')}" for name, value in call.claims.items()]
    words += [f"--purpose {shlex.quote(call.purpose)}", *([f"--grant {call.grant}"] if call.grant else [])]
    words += [f"--key {shlex.quote(key)}", f"--gateway {shlex.quote(call.gateway)}", "--evidence e.json"]
    told = " \\\n  ".join(words) + "\n"
    if trust is None:
        return told
    return f"{told}\n./yw evidence verify e.json --trust {shlex.quote(trust)}\n"


def signed_curl(gateway: str, sent: OutgoingRequest) -> str:
    """A curl command for a request that is signed already; it works once, within five minutes."""
    headers = {"Content-Type": "application/json"} | sent.http_headers()
    query = f"?{sent.query}" if sent.query else ""
    split = urlsplit(gateway)
    address = f"{split.scheme}://{split.netloc}{sent.path}{query}"
    parts = [f"curl -sS -X {sent.method} {shlex.quote(address)}"]
    parts += [f"-H {shlex.quote(f'{name}: {value}')}" for name, value in headers.items()]
    parts += [f"--data-binary {shlex.quote(sent.body.decode('utf-8'))}"]
    return " \\\n  ".join(parts) + "\n"


def query_path(code: str) -> str:
    """The path of a resource's query."""
    return f"/v1/resources/{quote(code, safe='')}/query"


def query_body(where: Where, fields: Sequence[str] | None, limit: int | None = None) -> str:
    """The body of a query."""
    asked: dict[str, object] = {"where": where}
    asked |= {"fields": list(fields)} if fields is not None else {}
    asked |= {"limit": limit} if limit is not None else {}
    return json.dumps(asked, ensure_ascii=False, separators=(",", ":"))


def _spread(names: Sequence[str]) -> str:
    """A list for the place after `fields=`, one name a line where there are many."""
    if len(names) < 4:
        return _literal(list(names))
    return "[\n" + "".join(f"            {_literal(name)},\n" for name in names) + "        ]"


def _literal(value: object) -> str:
    """Python source of plain values, text in double quotes as the house writes it."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\x7f")
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_literal(k)}: {_literal(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_literal(item) for item in value) + "]"
    return repr(value)
