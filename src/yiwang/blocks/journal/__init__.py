"""The evidence that cannot be altered unnoticed: leaves, tree heads, proofs."""
