"""Writes: one action, one transaction."""
