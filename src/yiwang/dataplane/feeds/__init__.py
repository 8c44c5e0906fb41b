"""Documents fetched from other systems: listed hosts, pinned addresses, bounded size and time."""
