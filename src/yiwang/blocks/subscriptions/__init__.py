"""Subscriptions: changes of a resource, kept in order, fetched or sent, acknowledged, replayed."""
