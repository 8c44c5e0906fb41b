"""Quality of what is shared: rules of a resource, runs over its rows, scores, and tickets to whoever mends."""
