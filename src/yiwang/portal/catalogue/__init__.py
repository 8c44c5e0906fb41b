"""Keeping the catalogue: census sheets, review before publication, the standing of departments."""
