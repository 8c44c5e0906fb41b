"""Records over HTTP: one interface for every declared system, described by an OpenAPI document of each."""
