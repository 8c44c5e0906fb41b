"""The cockpit: figures of declared systems against their targets, down to the rows behind a number."""
