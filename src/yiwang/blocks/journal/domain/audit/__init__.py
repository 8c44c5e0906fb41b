"""The audit: walks a whole log and names what does not fit, by index or by the interval between two heads."""
