"""Reads of the registry block."""
