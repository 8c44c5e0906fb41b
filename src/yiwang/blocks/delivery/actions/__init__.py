"""What people and the clock do with table jobs."""
