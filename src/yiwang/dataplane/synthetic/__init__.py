"""Made-up values that look like what an item holds: for sandboxes and examples, never about anybody."""
