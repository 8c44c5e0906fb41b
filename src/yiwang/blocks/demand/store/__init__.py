"""Tables of needs."""
