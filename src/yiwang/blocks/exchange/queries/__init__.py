"""Reads of exchange; each shows only what the actor may see."""
