"""What a census can look into: one module a kind of database or file, all behind `yiwang.dataplane.census.source`."""
