"""Watching: rules that raise alerts, the history of sources, and who wants to be told how."""
