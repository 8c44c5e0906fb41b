"""Reads of the identity block."""
