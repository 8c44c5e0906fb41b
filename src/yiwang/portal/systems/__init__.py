"""Pages of declared systems: made from the declaration, the same for every system."""
