"""Ready code for a grant: what its page shows, and what `yw client sign` prints. Tests run every kind of it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from urllib.parse import quote

from yiwang.client.where import Where
from yiwang.vocabulary.envelope import OutgoingRequest, Purpose
from yiwang.vocabulary.envelope.profile import component_list

_SHELL = r"""#!/bin/sh
# 调用一次资源：只用 openssl（3.0 以上）和 curl，私钥为 SM2 或 Ed25519 均可。用法：sh call.sh 私钥.pem
set -eu
key=${1:?sh call.sh KEY.pem}
gateway=%(gateway)s
node=%(node)s
path=%(path)s
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
  printf '"@method": POST\n"@path": %%s\n"@query": ?\n' "$path"
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


def curl_sample(
    *,
    code: str,
    where: Where,
    purpose: str,
    gateway: str,
    fields: Sequence[str] | None = None,
    grant: str | None = None,
    node: str | None = None,
) -> str:
    """A shell script that signs with openssl and calls with curl; its one argument is the private key's file.

    Without `node` the script asks the gateway for its name.

    Raises:
        PurposeMalformed: the purpose is none.
    """
    named = ("content-digest", "yw-node", "yw-purpose", *(("yw-grant",) if grant else ()), "idempotency-key")
    components = component_list(dict.fromkeys(named, ""))
    return _SHELL % {
        "gateway": shlex.quote(gateway.rstrip("/")),
        "node": shlex.quote(node) if node else _ASK_NODE,
        "path": shlex.quote(query_path(code)),
        "purpose": shlex.quote(Purpose.parse(purpose).header),
        "body": shlex.quote(query_body(where, fields)),
        "components": components.replace('"', '\\"'),
        "grant": f"grant={shlex.quote(grant)}\n" if grant else "",
        "grant_line": '  printf \'"yw-grant": %s\\n\' "$grant"\n' if grant else "",
        "grant_header": '  -H "YW-Grant: $grant" \\\n' if grant else "",
    }


def python_sample(
    *,
    code: str,
    where: Where,
    purpose: str,
    gateway: str,
    fields: Sequence[str] | None = None,
    grant: str | None = None,
    key: str = "client.pem",
    trust: str | None = "trust.json",
) -> str:
    """A Python program that prints the rows and keeps the evidence; `key` and `trust` are files beside it.

    Raises:
        PurposeMalformed: the purpose is none.
    """
    pinned = f", trust={_literal(trust)}" if trust else ""
    arguments = [f"where={_literal(where)}"]
    arguments += [f"fields={_literal(list(fields))}"] if fields is not None else []
    arguments += [f"purpose={_literal(Purpose.parse(purpose).text)}"]
    arguments += [f"grant={_literal(grant)}"] if grant else []
    lines = [
        "from yiwang.client import Client",
        "",
        f"with Client({_literal(gateway)}, key={_literal(key)}{pinned}) as client:",
        "    answer = client.query(",
        f"        {_literal(code)},",
        *(f"        {argument}," for argument in arguments),
        "    )",
        "",
        "for row in answer.rows:",
        "    print(row)",
        'answer.evidence.save("e.json")  # 核验：yw evidence verify e.json --trust trust.json',
        "",
    ]
    return "\n".join(lines)


def signed_curl(gateway: str, sent: OutgoingRequest) -> str:
    """A curl command for a request that is signed already; it works once, within five minutes."""
    headers = {"Content-Type": "application/json"} | sent.http_headers()
    query = f"?{sent.query}" if sent.query else ""
    parts = [f"curl -sS -X {sent.method} {shlex.quote(gateway.rstrip('/') + sent.path + query)}"]
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


def _literal(value: object) -> str:
    """Python source of plain values, text in double quotes as the house writes it."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\x7f")
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_literal(k)}: {_literal(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_literal(item) for item in value) + "]"
    return repr(value)
