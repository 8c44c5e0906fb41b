"""Writes of the catalogue, one transaction each."""
