"""Tables of subscriptions."""
