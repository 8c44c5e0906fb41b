"""Writes evidence: leaves, signed heads and what must hold with them, in one transaction a batch."""
