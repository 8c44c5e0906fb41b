"""Sealing: which generation of each sealing key is in use, and when an old one may be destroyed."""
