"""Checking a column of a file: what a data officer does before a table is shared."""
