"""Yiwang 一网: one open platform on which a region's government shares data and serves people."""

__version__ = "0.1.0"
