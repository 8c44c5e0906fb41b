"""The Django app of this block: models and migrations."""
