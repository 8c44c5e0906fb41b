"""Table jobs: chunks by key, rows and cursor in one transaction of the target, both sides compared."""
