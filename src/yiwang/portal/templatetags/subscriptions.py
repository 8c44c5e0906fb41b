"""Words of subscriptions in templates."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext

from yiwang.blocks.subscriptions.public import FeedView, HookView, SubscriptionView
from yiwang.portal import formats

register = template.Library()


@register.filter
def subscription_standing(view: SubscriptionView) -> str:
    """One word for how it stands: its state, or what is wrong with its receiver or its source."""
    if view.state != "active":
        return "overdue" if view.reason == "unacknowledged" else view.state
    if view.hook is not None and view.hook.state == "unwanted":
        return "unwanted"
    if view.hook is not None and view.hook.failures:
        return "dead" if view.hook.dead else "failing"
    return "starting" if view.feed is not None and view.feed.state == "new" else "active"


@register.filter
def hook_words(hook: HookView) -> str:
    """What was wrong with the last delivery."""
    return formats.error_words(hook.error) if hook.error is not None else ""


@register.filter
def way_of_feed(feed: FeedView) -> str:
    """How changes are found."""
    return {
        "": gettext("being prepared"),
        "log": gettext("from the database's log, within seconds"),
        "compare": gettext("by comparing all rows, every minute or more seldom"),
        "cursor": gettext("by an item that only grows; deletions are not found"),
    }[feed.way]
