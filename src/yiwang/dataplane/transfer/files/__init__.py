"""Files as tables: read whole into a scratch table before anything is written, published whole or not at all."""
