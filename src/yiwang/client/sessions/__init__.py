"""Sessions of a caller: one handshake, then thousands of calls by codes, countersigned as they go.

with client.session() as session:
    answer = session.query("306001003/12", where={…}, purpose="item:…")
    session.prove(answer.call).save("e.json")
"""

from yiwang.client.sessions.answers import Call, SessionAnswer, SessionChecked, SessionEvidence
from yiwang.client.sessions.blocking import Session
from yiwang.client.sessions.concurrent import AsyncSession

__all__ = ["AsyncSession", "Call", "Session", "SessionAnswer", "SessionChecked", "SessionEvidence"]
