"""Sessions: many calls by codes, one handshake by signature, heads that both sides countersign (docs/specs/sessions.md)."""
