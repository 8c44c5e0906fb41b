"""Table jobs on real databases."""
