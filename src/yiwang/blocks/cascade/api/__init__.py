"""HTTP between nodes."""
