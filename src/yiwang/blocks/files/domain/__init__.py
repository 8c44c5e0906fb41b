"""Rules of file exchange, without database, disk or network."""
