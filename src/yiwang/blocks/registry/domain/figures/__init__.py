"""Indicators: what is counted, the SQL that counts it, and what a number means against its target."""
