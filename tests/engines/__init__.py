"""The same test on each engine."""
