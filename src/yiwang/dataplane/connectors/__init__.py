"""Connectors to external databases: describing, and later moving, what they hold."""
