"""The views of the account pages."""
