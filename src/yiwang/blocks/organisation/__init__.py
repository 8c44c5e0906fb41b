"""Regions, agencies, posts and the people in them."""
