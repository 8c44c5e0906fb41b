"""The shared language: identifiers, codes, calendars, cryptography and errors. Pure Python, imports no framework."""
