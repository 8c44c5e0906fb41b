"""What a scan of a source says about entries: proposals for new ones, drift of those that are published."""
