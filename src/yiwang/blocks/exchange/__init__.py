"""Sources, mounts, requests, decisions and grants: how data is asked for and given."""
