"""What declared tables are, in SQL and in rules, without Django."""
