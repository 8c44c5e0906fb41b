"""Tables as files that people hand in and take away: CSV, XLSX, Parquet."""
