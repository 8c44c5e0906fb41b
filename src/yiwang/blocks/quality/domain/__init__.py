"""The rules of quality and of its tickets, free of the database."""
