"""Reads: drafts for the data bureau, the rest for everybody."""
