"""Change capture: a slot of the source's logical replication, a spool of ours, and the target with its position."""
