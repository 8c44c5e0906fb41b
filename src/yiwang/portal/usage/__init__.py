"""Who uses what, how much, how well: pages for providers, consumers and the data bureau."""
