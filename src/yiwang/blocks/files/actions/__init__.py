"""What people and the worker do with files: one transaction each."""
