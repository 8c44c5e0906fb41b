"""Whole tables of this node, read page by page by receivers at other nodes."""
