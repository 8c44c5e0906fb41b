"""Bounded contexts, one folder each, the same inside everywhere."""
