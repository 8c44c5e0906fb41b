"""The resource catalogue: what data exists, its items, terms and provider."""
