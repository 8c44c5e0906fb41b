"""Applying a declared system to a node: the registry's tables, the catalogue's entries, the exchange's mounts."""
