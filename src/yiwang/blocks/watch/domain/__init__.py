"""The rules of watching, free of the database."""
