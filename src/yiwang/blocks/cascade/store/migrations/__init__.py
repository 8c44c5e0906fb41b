"""Migrations of the cascade."""
