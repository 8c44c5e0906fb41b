"""Tables of the cascade."""
