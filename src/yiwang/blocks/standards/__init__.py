"""Standards registry: data elements and code lists, by version, and who follows them."""
