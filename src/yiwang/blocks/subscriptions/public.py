"""The only door of subscriptions: following a resource's changes, webhooks, and the node's own rounds.

Events are fetched and acknowledged at the gateway (`docs/specs/subscriptions.md`).
"""

from __future__ import annotations

from yiwang.blocks.subscriptions.actions.keeping import Kept, tick
from yiwang.blocks.subscriptions.actions.subscribing import (
    choose_way,
    drop_hook,
    end_subscription,
    pause,
    replay,
    resume,
    set_hook,
    subscribe,
    try_hook,
)
from yiwang.blocks.subscriptions.domain.errors import SubscriptionError
from yiwang.blocks.subscriptions.queries.subscriptions import (
    FeedView,
    HookView,
    SubscriptionView,
    feed,
    subscription,
    subscriptions,
)
from yiwang.blocks.subscriptions.tasks import Rounds

__all__ = [
    "FeedView",
    "HookView",
    "Kept",
    "Rounds",
    "SubscriptionError",
    "SubscriptionView",
    "choose_way",
    "drop_hook",
    "end_subscription",
    "feed",
    "pause",
    "replay",
    "resume",
    "set_hook",
    "subscribe",
    "subscription",
    "subscriptions",
    "tick",
    "try_hook",
]
