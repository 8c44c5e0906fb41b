"""Table jobs without a server."""
