"""What people see of table jobs."""
