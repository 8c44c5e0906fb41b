"""Rules of file exchange."""
