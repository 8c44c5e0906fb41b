"""Tables of the registry block."""
