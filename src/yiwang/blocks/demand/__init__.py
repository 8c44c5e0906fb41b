"""Supply and demand 供需对接: needs that no resource meets, from the first word to a resource or a reasoned no."""
