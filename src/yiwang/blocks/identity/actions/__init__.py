"""Writes of the identity block, one transaction each."""
