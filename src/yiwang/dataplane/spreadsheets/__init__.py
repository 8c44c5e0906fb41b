"""Spreadsheets read and written without trust: limits, no macros, no formulas, cells by their address."""
