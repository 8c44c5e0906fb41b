"""Stories of packages: what a step needs of the engine, a copy under another name, the report."""
