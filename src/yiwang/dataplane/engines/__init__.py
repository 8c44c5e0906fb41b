"""The only place that imports an engine of bulk data."""
