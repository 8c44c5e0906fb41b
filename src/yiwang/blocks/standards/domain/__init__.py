"""What elements and lists must be, free of the database."""
