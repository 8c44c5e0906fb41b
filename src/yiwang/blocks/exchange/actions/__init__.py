"""Writes of exchange, one transaction each."""
