"""From a system in force to its next release: the steps, each with what undoes it. ADR 0140."""
