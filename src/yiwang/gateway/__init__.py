"""The hot path of API exchange: its own asynchronous process on a compiled snapshot of grants."""
