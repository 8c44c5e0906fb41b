"""What pages read of alerts, sources and mail."""
