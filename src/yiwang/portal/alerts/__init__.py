"""Alerts and their rules, how sources are, and how people are told."""
