"""A resource that is exchanged by file, on the stage of running gateways."""

from __future__ import annotations

import base64
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import psycopg

from benchmarks._node import Gateway, client
from tests.gateway.stage import ITEM, PROVIDER, Answer, Stage
from yiwang.blocks.exchange.domain.compiled import CompiledResource
from yiwang.blocks.exchange.domain.sandbox import NO_SOURCE
from yiwang.vocabulary.crypto import SigningKey, generate
from yiwang.vocabulary.manifest import CHUNK

CODE = "306001003/77"
OFFSET_TYPE = "application/offset+octet-stream"
PURPOSE = "evidence:own"


@dataclass
class Shelf:
    """Signed requests of the provider and of a receiver."""

    stage: Stage
    provider: SigningKey
    grant: str

    def send(
        self, method: str, path: str, *, told: dict[str, str] | None = None, body: bytes = b"", key: SigningKey | None = None,
        query: str = "", to: Gateway | None = None, purpose: str = PURPOSE, grant: str | None = None,
        unsigned: bool = False, **headers: str,
    ) -> Answer:  # fmt: skip
        """`told` are tus headers, repeated in the query as the profile wants them."""
        given: dict[str, Any] = {"tus-resumable": "1.0.0", **(told or {})}
        given |= {name.replace("_", "-").lower(): value for name, value in headers.items()}
        covered = "&".join(f"{name.lower()}={quote(value, safe='')}" for name, value in (told or {}).items())
        parts = [query] if unsigned else [part for part in (query, covered) if part]
        signed = self.stage.sign(
            path,
            body,
            key=key or self.provider,
            method=method,
            query="&".join(parts),
            purpose=purpose,
            grant=grant,
        )
        return self.stage.send(signed, to=to, **given)

    def announce(self, length: int, name: str = "年报.csv", **more: Any) -> Answer:
        """Announce an upload."""
        extra: dict[str, str] = {
            key: more.pop(key) for key in ("filetype", "digest", "mark", "resource") if key in more
        }
        concat: dict[str, str] = {}
        if "concat" in more:
            concat["Upload-Concat"] = more.pop("concat")
        long: dict[str, str] = {} if more.pop("final", False) else {"Upload-Length": str(length)}
        told = {"resource": CODE, "filename": name, **extra}
        return self.send(
            "POST", "/v1/files", told={**long, "Upload-Metadata": metadata(told), **concat}, **more
        )

    def begun(self, length: int, name: str = "年报.csv", **more: Any) -> str:
        """The path of a new upload."""
        answer = self.announce(length, name, **more)
        assert answer.status == 201, answer.response.text
        return answer.response.headers["location"]

    def add(self, path: str, offset: int, body: bytes, **more: Any) -> Answer:
        """Add a piece."""
        more.setdefault("content_type", OFFSET_TYPE)
        return self.send("PATCH", path, told={"Upload-Offset": str(offset)}, body=body, **more)

    def offset(self, path: str, **more: Any) -> int:
        """Where an upload stands."""
        return int(self.send("HEAD", path, **more).response.headers["upload-offset"])

    def delivered(self, content: bytes, name: str = "年报.csv", **more: Any) -> str:
        """The path of a file that arrived and was checked."""
        path = self.begun(len(content), name, **more)
        for start in range(0, len(content), CHUNK):
            assert self.add(path, start, content[start : start + CHUNK]).status == 204
        assert self.state(path) == "ready"
        return path

    def state(self, path: str) -> str:
        """What the check came to."""
        deadline = time.monotonic() + 60
        while True:
            state = str(self.send("HEAD", path).response.headers["yw-file-state"])
            if state != "checking" or time.monotonic() > deadline:
                return state
            time.sleep(0.02)

    def get(
        self,
        path: str,
        *,
        key: SigningKey | None = None,
        grant: str | None = None,
        to: Gateway | None = None,
        **headers: Any,
    ) -> Answer:
        """Fetch as the receiver."""
        return self.send(
            "GET", path, key=key or self.stage.key, purpose=ITEM, grant=grant or self.grant, to=to, **headers
        )


def metadata(values: dict[str, str]) -> str:
    """The header `Upload-Metadata`."""
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in values.items())


def open_shelf(stage: Stage, **changed: Any) -> Shelf:
    """Publish the resource, its provider's application and a grant by file."""
    provider = generate("sm2-sm3")
    stage.publish(
        CompiledResource(CODE, "年报", "Reports", 1, PROVIDER, (), (), "", "", NO_SOURCE),
        client("lan-shichang-1", PROVIDER, provider),
    )
    grant = stage.grant(
        resource=CODE, modes=("file",), fields=(), predicates=(), required=(), claims=(), calls_per_day=50
    )
    shelf_row(stage, largest=changed.get("largest", 1 << 40), media=changed.get("media", "[]"))
    return Shelf(stage, provider, grant.id)


def shelf_row(stage: Stage, *, largest: int, media: str) -> None:
    """What the resource takes."""
    sql(
        stage,
        "INSERT INTO files_shelf (resource, agency, open, largest, media, after_delivery, unfetched, created_at, created_by)"
        " VALUES (%s, %s, true, %s, %s, 30, 180, now(), '') ON CONFLICT (resource) DO UPDATE SET largest = excluded.largest,"
        " media = excluded.media",
        CODE, PROVIDER, largest, media,
    )  # fmt: skip


def sql(stage: Stage, statement: str, *values: object) -> list[tuple[Any, ...]]:
    """Run a statement past every policy."""
    with psycopg.connect(stage.node.admin.replace("/postgres", "/yiwang")) as connection:
        done = connection.execute(statement.encode(), values)
        return done.fetchall() if done.description else []
