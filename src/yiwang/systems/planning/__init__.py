"""What would change: snapshots of packages, the plan from one to the next, the compatibility of two releases."""
