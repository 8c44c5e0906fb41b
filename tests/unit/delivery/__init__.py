"""Rules of table jobs."""
