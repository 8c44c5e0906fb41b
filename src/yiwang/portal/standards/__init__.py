"""Pages of the standards registry."""
