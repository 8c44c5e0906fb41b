"""Signature verification away from the event loop: child processes, a bounded queue, fair shares."""
