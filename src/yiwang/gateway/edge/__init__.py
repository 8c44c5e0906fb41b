"""Old clients at the edge: weak header dialects, let in one by one, turned into the signed envelope."""
