"""Table jobs on the server."""
