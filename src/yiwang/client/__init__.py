"""The side of the caller: signs, retries, pages and verifies."""
