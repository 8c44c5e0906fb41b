"""Pages of quality: resources with scores and rules, departments, tickets."""
