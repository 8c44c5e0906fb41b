"""What changes the cascade, one transaction each."""
