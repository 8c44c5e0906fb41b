"""Settings, wiring, process supervisor and command line: the only room that knows every other."""
