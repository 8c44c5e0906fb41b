"""A fictional city to look at: 澜州市 in 云泽省, under the unassigned division prefix 29. Nobody in it exists."""
