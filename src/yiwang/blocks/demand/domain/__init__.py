"""Pure rules of needs."""
