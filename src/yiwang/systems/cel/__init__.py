"""CEL: parsed with places, type-checked against the declaration, compiled to SQL, evaluated on values."""
