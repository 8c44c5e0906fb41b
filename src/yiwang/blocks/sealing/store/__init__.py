"""Tables of this block."""
