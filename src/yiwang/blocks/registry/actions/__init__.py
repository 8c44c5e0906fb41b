"""Writes of the registry block."""
