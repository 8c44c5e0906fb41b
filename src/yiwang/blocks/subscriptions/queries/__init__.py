"""Subscriptions as people see them."""
