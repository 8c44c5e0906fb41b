"""Data quality: one small rule language, one pass of SQL on DuckDB, PostgreSQL or Spark, one score."""
