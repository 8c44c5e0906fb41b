"""Stories run against a copy of the system that is made for them and taken away again."""
