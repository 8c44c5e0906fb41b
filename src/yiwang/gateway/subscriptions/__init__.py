"""Subscriptions at the gateway: made, fetched, acknowledged and replayed by the applications that follow."""
