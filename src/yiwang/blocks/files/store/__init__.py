"""Tables of file exchange."""
