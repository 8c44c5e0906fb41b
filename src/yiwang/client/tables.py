"""Acts on a table of another node through one's own gateway, each answer proven: what a table job reads by."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from yiwang.client.evidence import Evidence, agree
from yiwang.client.protocol import Ask
from yiwang.vocabulary.envelope import Purpose

if TYPE_CHECKING:
    from yiwang.client.blocking import Client

TABLES = "/v1/tables/"


class Tables:
    """Whole tables of one resource `CODE@NODE` under one grant."""

    def __init__(self, client: Client, code: str, *, purpose: str, grant: str | None = None) -> None:
        """The client stays its owner's to close."""
        self._client = client
        self._code = code
        self._purpose = Purpose.parse(purpose)
        self._grant = grant
        self.last: Evidence | None = None
        """Of the latest answer."""

    def ask(self, act: bytes) -> bytes:
        """The owner's answer to an act in JSON, as docs/specs/cascade.md §9 has them.

        Raises: GatewayRefused, GatewayUnreachable, AnswerTooLarge, EvidenceInvalid.
        """
        ask = Ask("POST", TABLES + quote(self._code, safe=""), body=act)
        received, evidence = self._client.run(self._client.caller.proven(ask, self._purpose, self._grant))
        agree(evidence, kind="event", resource=self._code)
        self.last = evidence
        return received.body
