"""Evidence for reading: a leaf with its proof drawn, the tree heads, and the check of anybody's evidence file."""
