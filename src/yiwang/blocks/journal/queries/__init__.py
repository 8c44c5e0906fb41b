"""Reading the journal for pages: leaf by leaf, and as sums."""
