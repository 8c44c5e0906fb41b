"""Whole tables delivered by jobs of the node, under a grant 库表交换."""
