"""共享: find a resource, ask for it, use what was granted."""
