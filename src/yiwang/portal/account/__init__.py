"""Signing in, one's own account, people and roles, client applications."""
