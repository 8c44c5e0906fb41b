"""Reads: only what the actor may see."""
