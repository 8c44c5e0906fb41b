"""Bulk data: connectors, transfer, quality and desensitisation."""
