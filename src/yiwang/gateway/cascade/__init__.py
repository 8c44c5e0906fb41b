"""Calls that go on to other nodes, and those that come from them."""
