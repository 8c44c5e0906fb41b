"""Table jobs by the processes that a node runs them in."""
