"""The side of the caller: signs, retries, pages and verifies.

    from yiwang.client import Client

    with Client("http://127.0.0.1:8001", key="lan-minzheng-1.pem", trust="trust.json") as client:
        answer = client.query("306001003/12", where={"统一社会信用代码": "91370100964709014M"}, purpose="item:…")
        answer.evidence.save("e.json")

Every answer is verified before it is handed over; `AsyncClient` has the same verbs. Both may be shared between
threads or tasks.
"""

from yiwang.client.answers import Answer, Checked, Row, Value
from yiwang.client.blocking import Client
from yiwang.client.caller import Options
from yiwang.client.concurrent import AsyncClient
from yiwang.client.errors import ClientError, EvidenceInvalid, GatewayRefused, GatewayUnreachable
from yiwang.client.evidence import Evidence
from yiwang.client.profiles import Profile
from yiwang.client.sessions import (
    AsyncSession,
    Session,
    SessionAnswer,
    SessionChecked,
    SessionEvidence,
)
from yiwang.client.where import Condition, Where
from yiwang.vocabulary.evidence import Trust

__all__ = [
    "Answer",
    "AsyncClient",
    "AsyncSession",
    "Checked",
    "Client",
    "ClientError",
    "Condition",
    "Evidence",
    "EvidenceInvalid",
    "GatewayRefused",
    "GatewayUnreachable",
    "Options",
    "Profile",
    "Row",
    "Session",
    "SessionAnswer",
    "SessionChecked",
    "SessionEvidence",
    "Trust",
    "Value",
    "Where",
]
