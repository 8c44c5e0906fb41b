"""What an event from a peer does here, by kind."""

from __future__ import annotations

from collections.abc import Mapping

from yiwang.blocks.cascade.actions.handling import asking, disputes, knowing, news, peers
from yiwang.blocks.cascade.actions.handling.handler import Handler

HANDLERS: Mapping[str, Handler] = {
    "node": knowing.nodes,
    "agency": knowing.agencies,
    "entry": knowing.entries,
    "statistics": knowing.figures,
    "request": asking.requests,
    "amendment": asking.amendments,
    "withdrawal": asking.withdrawals,
    "decision": asking.decisions,
    "grant": asking.grants,
    "dispute": disputes.disputes,
    "answer": disputes.answers,
    "correction": disputes.corrections,
    "need": news.needs,
    "supply": news.supplies,
    "receipt": news.receipts,
    "return": news.returned,
    "alarm": peers.alarms,
    "card": peers.cards,
    "leave": peers.leaves,
}
