"""Registries: typed tables that a system package declares, with history, access and encryption below every page."""
