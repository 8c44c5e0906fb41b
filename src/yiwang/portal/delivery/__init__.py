"""Pages of table jobs 库表作业."""
