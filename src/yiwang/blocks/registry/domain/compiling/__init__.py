"""From a checked package to the system that the registry runs: expressions become SQL, names become columns."""
