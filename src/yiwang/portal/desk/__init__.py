"""工作台: what officers of providers and of the data bureau do: review, decide, watch grants, connect databases."""
