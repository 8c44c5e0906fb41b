"""The census spreadsheet 信息资源目录普查表: its columns, entries to cells, and cells to entries with what is wrong."""
