"""Web pages by audience."""
