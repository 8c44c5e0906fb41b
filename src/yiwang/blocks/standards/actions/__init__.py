"""Writes: each one transaction."""
