"""The rules of delivery, without a database."""
