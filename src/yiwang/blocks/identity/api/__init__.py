"""What Django itself calls in this block."""
