"""What people do with alerts, rules and their own preferences."""
