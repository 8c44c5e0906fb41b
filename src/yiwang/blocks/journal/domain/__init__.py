"""The rules of this block: frozen dataclasses and pure decisions, no Django."""
