"""Reading what changes in a table of an external PostgreSQL database: from its log, or by looking at all rows."""
