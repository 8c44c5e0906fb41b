"""Tables of the standards registry."""
