"""Rules of the cascade, pure: cards, events and their chain, leases, heads, disputes."""
