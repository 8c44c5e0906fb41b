"""The programmes' interface of the pages: JSON under /api/v1/, as the person who is signed in, described by OpenAPI."""
